using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Where filters of a session begin that came while it was behind.</summary>
internal sealed class FilterStarts
{
    private readonly Dictionary<(string Topic, string Filter), KafkaProgress> _starts = [];

    private FilterStarts(IEnumerable<MqttFilterStart> messages)
    {
        foreach (var message in messages)
        {
            foreach (var topic in message.Start)
            {
                if (KafkaProgress.TryDecode(topic.Progress.Span, out var start))
                {
                    Add(topic.Topic, message.Filters, start);
                }
            }
        }
    }

    /// <summary>Null: the filter is as old as the session, there.</summary>
    /// <param name="topic">Of Kafka.</param>
    /// <param name="filter">With its <c>$share</c> prefix.</param>
    public KafkaProgress? this[string topic, string filter] => _starts.GetValueOrDefault((topic, filter));

    /// <summary>Null: none, as of nearly every session.</summary>
    public static FilterStarts? Of(MqttDelivery? delivery) => delivery is { Starts: { Count: > 0 } starts } ? new(starts) : null;

    private void Add(string topic, IEnumerable<string> filters, KafkaProgress start)
    {
        foreach (var filter in filters)
        {
            _starts.TryAdd((topic, filter), start);
        }
    }
}
