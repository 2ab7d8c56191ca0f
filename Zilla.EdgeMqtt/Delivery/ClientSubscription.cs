using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A subscription of a client, and all that it keeps going.</summary>
/// <param name="Options">As granted.</param>
/// <param name="Topics">Of Kafka.</param>
internal sealed record ClientSubscription(FilterOptions Options, IReadOnlyList<TopicName> Topics)
{
    /// <summary>One for each topic; none of a shared one.</summary>
    public List<LiveFilter> Filters { get; } = [];

    /// <summary>One for each topic of a shared one.</summary>
    public List<ShareReader> Shares { get; } = [];

    /// <summary>Completes when it takes part in its groups again, after a reconnect.</summary>
    public Task Joining { get; set; } = Task.CompletedTask;

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
