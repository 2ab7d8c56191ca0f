using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// How far a client has got in a topic of Kafka: everything below is settled, was not for this client, or the session knows that it is under way. Guarded by the window's lock.
/// </summary>
internal sealed class TopicProgress(string topic, KafkaProgress start)
{
    /// <summary>Settled messages that may wait, in a partition, for one before them: a client that leaves one out would else have all that follow kept for ever.</summary>
    private const int MostWaiting = 1024;

    private readonly ProgressVector _passed = new(start);
    private readonly Dictionary<int, OpenMessages> _open = [];

    public string Topic { get; } = topic;

    /// <summary>Since it was last reported.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Behind the last record that was sent, or was not to be.</summary>
    public KafkaProgress Passed => _passed.ToProgress();

    /// <summary>Sent, unsettled, and not known to the session but by this progress.</summary>
    public IEnumerable<InFlight> Open => _open.Values.SelectMany(open => open).Where(e => e is { IsSettled: false, IsRecorded: false });

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
        entry.OpenIn = this;
    }

    /// <summary>One of those that were added is settled.</summary>
    public void Settle(InFlight entry)
    {
        _open[entry.Record.Partition].Waiting++;
        IsChanged = true;
    }

    /// <summary>Says where it is; and of messages that too many wait for, that they are under way, so that it is behind them.</summary>
    public void AddTo(MqttDelivery report)
    {
        var settled = new ProgressVector(Passed);
        foreach (var (partition, open) in _open)
        {
            while (open.TryPeek(out var first) && (first.IsSettled || first.IsRecorded || open.Waiting > MostWaiting))
            {
                if (!first.IsSettled && !first.IsRecorded)
                {
                    report.Sent.Add(first.Tell());
                }

                open.Waiting -= first.IsSettled ? 1 : 0;
                open.Dequeue().OpenIn = null;
            }

            if (open.TryPeek(out var lowest))
            {
                settled.Set(partition, lowest.Record.Offset);
            }
        }

        IsChanged = false;
        report.Progress.Add(ToMessage(Topic, settled.ToProgress()));
    }

    public static MqttTopicProgress ToMessage(string topic, KafkaProgress progress) => new() { Topic = topic, Progress = UnsafeByteOperations.UnsafeWrap(progress.Encode()) };

    private sealed class OpenMessages : Queue<InFlight>
    {
        /// <summary>How many of them are settled.</summary>
        public int Waiting { get; set; }
    }
}
