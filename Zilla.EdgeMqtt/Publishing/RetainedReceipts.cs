using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Delivery;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>Has the edge know of a retained message before its PUBACK goes out.</summary>
internal sealed class RetainedReceipts(AckQueue queue, RetainedWrites writes, TopicName topic) : IProduceReceiver
{
    public void Produced(ulong tag, in ProduceOutcome outcome)
    {
        writes.Add(topic, outcome);
        queue.Produced(tag, outcome);
    }
}
