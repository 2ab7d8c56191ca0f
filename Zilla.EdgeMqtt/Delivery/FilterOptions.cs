using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>A subscription as it was granted.</summary>
/// <param name="Filter">Its text has been copied.</param>
/// <param name="Granted">The most that messages are sent with.</param>
/// <param name="Identifier">0 = none.</param>
internal sealed record FilterOptions(TopicFilter Filter, QualityOfService Granted, uint Identifier)
{
    public bool NoLocal { get; init; }

    public bool RetainAsPublished { get; init; }

    public RetainHandling RetainHandling { get; init; }

    /// <summary>Whether what comes while the client is away is kept for it. Of a shared one the group keeps it.</summary>
    public bool IsDurable => Granted != QualityOfService.AtMostOnce && !Filter.IsShared;

    /// <summary>What the session keeps.</summary>
    public MqttSubscription ToMessage() => new()
    {
        Filter = Filter.Text.ToString(),
        Qos = (uint)Granted,
        NoLocal = NoLocal,
        RetainAsPublished = RetainAsPublished,
        RetainHandling = (uint)RetainHandling,
        Identifier = Identifier,
    };

    /// <summary>Null: no filter that this version understands.</summary>
    public static FilterOptions? Of(MqttSubscription message, MqttVersion version) =>
        TopicFilter.TryParse(message.Filter, version, out var filter) && TopicFilterTree<object>.Holds(filter.Filter.Span)
            ? new(filter, (QualityOfService)Math.Min(message.Qos, 2), message.Identifier)
            {
                NoLocal = message.NoLocal,
                RetainAsPublished = message.RetainAsPublished,
                RetainHandling = (RetainHandling)Math.Min(message.RetainHandling, 2),
            }
            : null;
}
