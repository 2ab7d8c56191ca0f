using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Which topics of Kafka hold the messages of a topic filter: the routes of an mqtt-kafka binding. Safe for several threads; never changes.</summary>
internal interface IMessageTopics
{
    /// <summary>
    /// Where messages are that <paramref name="filter"/> may match: the topics of the routes that it meets, and the default one; no topic twice. None: nothing is routed there.
    /// </summary>
    /// <param name="filter">Without its <c>$share</c> prefix.</param>
    IReadOnlyList<TopicName> Of(ReadOnlySpan<byte> filter);

    /// <summary>The compacted topic of retained messages.</summary>
    TopicName Retained { get; }
}
