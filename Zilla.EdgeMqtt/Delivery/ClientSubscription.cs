using Zilla.EdgeMqtt.Packets;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A subscription of a client, and all that it keeps going.</summary>
/// <param name="Options">As granted.</param>
/// <param name="Topics">Of Kafka.</param>
internal sealed record ClientSubscription(FilterOptions Options, IReadOnlyList<TopicName> Topics)
{
    /// <summary>The topics that it has a place in itself; of a shared one its group reads them.</summary>
    public IReadOnlyList<TopicName> PlacedIn => Options.Filter.IsShared ? [] : Topics;

    /// <summary>One for each topic; none of a shared one.</summary>
    public List<LiveFilter> Filters { get; } = [];

    /// <summary>One for each topic of a shared one.</summary>
    public List<ShareReader> Shares { get; } = [];

    /// <summary>Completes when it takes part in its groups again, after a reconnect.</summary>
    public Task Joining { get; set; } = Task.CompletedTask;

    /// <summary>Whether retained messages are to be sent for it (§3.8.3.1); none of a shared one.</summary>
    public bool AsksForRetained(bool isNew) =>
        !Options.Filter.IsShared && (Options.RetainHandling == RetainHandling.SendAtSubscribe || (Options.RetainHandling == RetainHandling.SendIfNew && isNew));

    /// <summary>Leaves its groups: a member that nobody reads for would keep records from the others.</summary>
    public async Task LeaveAsync()
    {
        await Joining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var left = Shares.ToArray();
        Shares.Clear();
        foreach (var share in left)
        {
            await share.DisposeAsync();
        }
    }
}
