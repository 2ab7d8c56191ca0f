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
}
