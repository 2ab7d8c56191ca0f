using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>How far a client has got in a topic of Kafka. Guarded by the window's lock.</summary>
internal sealed class TopicProgress(string topic, KafkaProgress start)
{
    private readonly ProgressVector _passed = new(start);
    private readonly Dictionary<int, Queue<InFlight>> _open = [];

    public string Topic { get; } = topic;

    /// <summary>Since it was last reported.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Behind the last record that was sent, or was not to be.</summary>
    public KafkaProgress Passed => _passed.ToProgress();

    /// <summary>Sent, unsettled, and not known to the session but by this progress.</summary>
    public IEnumerable<InFlight> Open => _open.Values.SelectMany(o => o).Where(e => e is { IsSettled: false, IsRecorded: false });

    public void Pass(PartitionOffset next)
    {
        if (!(_passed[next.Partition] >= next.Offset))
        {
            _passed.Set(next.Partition, next.Offset);
            IsChanged = true;
        }
    }

    public void Raise(KafkaProgress to)
    {
        foreach (var next in to.Partitions)
        {
            Pass(next);
        }
    }

    /// <summary>Each partition's in the order of their offsets.</summary>
    public void Add(InFlight entry)
    {
        if (!_open.TryGetValue(entry.Record.Partition, out var open))
        {
            _open[entry.Record.Partition] = open = new();
        }

        open.Enqueue(entry);
    }

    /// <summary>Everything below is settled, was not for this client, or the session knows that it is under way.</summary>
    public MqttTopicProgress ToMessage()
    {
        var settled = new ProgressVector(_passed.ToProgress());
        foreach (var (partition, open) in _open)
        {
            while (open.TryPeek(out var first) && (first.IsSettled || first.IsRecorded))
            {
                open.Dequeue();
            }

            if (open.TryPeek(out var lowest))
            {
                settled.Set(partition, lowest.Record.Offset);
            }
        }

        return new() { Topic = Topic, Progress = UnsafeByteOperations.UnsafeWrap(settled.ToProgress().Encode()) };
    }
}
