using Zilla.Edge.Cache;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>How far topics of retained messages were written through this edge: who subscribes here is sent what has been acknowledged here. For any thread.</summary>
/// <remarks>Forgotten 30 to 60 s later: replicas have long caught up by then, and the offsets of a topic that was made anew may not come for a long time.</remarks>
internal sealed class RetainedWrites(TimeProvider time)
{
    private static readonly TimeSpan Generation = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Dictionary<TopicName, ProgressVector> _earlier = [];
    private Dictionary<TopicName, ProgressVector> _latest = [];
    private long _since = time.GetTimestamp();

    public void Add(TopicName topic, in ProduceOutcome outcome)
    {
        lock (_gate)
        {
            Age();
            if (!_latest.TryGetValue(topic, out var written))
            {
                _latest[topic] = written = new();
            }

            Raise(written, outcome.ToProgress());
        }
    }

    /// <summary>What a read of the topic has to know of (<see cref="FetchRequest.After"/>).</summary>
    public KafkaProgress Of(TopicName topic)
    {
        lock (_gate)
        {
            Age();
            var written = new ProgressVector(_earlier.TryGetValue(topic, out var earlier) ? earlier.ToProgress() : KafkaProgress.Empty);
            Raise(written, _latest.TryGetValue(topic, out var latest) ? latest.ToProgress() : KafkaProgress.Empty);
            return written.ToProgress();
        }
    }

    private void Age()
    {
        var age = time.GetElapsedTime(_since);
        if (age >= Generation)
        {
            (_earlier, _latest, _since) = (age >= 2 * Generation ? [] : _latest, [], time.GetTimestamp());
        }
    }

    private static void Raise(ProgressVector written, KafkaProgress to)
    {
        foreach (var (partition, offset) in to.Partitions)
        {
            if (!(written[partition] >= offset))
            {
                written.Set(partition, offset);
            }
        }
    }
}
