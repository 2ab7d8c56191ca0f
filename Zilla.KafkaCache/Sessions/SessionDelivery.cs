using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>How far a client has got with what it is sent: a progress per Kafka topic, and what is under way to it.</summary>
internal sealed class SessionDelivery
{
    /// <summary>Of both. Beyond it an edge is not believed.</summary>
    private const int Most = 16_384;

    private readonly Dictionary<string, KafkaProgress> _progress = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<uint, MqttSent> _sent = [];

    public bool IsEmpty => _progress.Count == 0 && _sent.Count == 0;

    /// <summary>Takes what came: what was settled first, whose packet ids are free for what was sent. A progress never goes back. False: it is not sound.</summary>
    public bool TryApply(MqttDelivery delivery)
    {
        foreach (var packetId in delivery.Settled)
        {
            _sent.Remove(packetId);
        }

        foreach (var sent in delivery.Sent)
        {
            _sent.Remove(sent.PacketId);
            if (sent.PacketId is 0 or > ushort.MaxValue || _sent.Count == Most)
            {
                return false;
            }

            _sent.Add(sent.PacketId, sent);
        }

        foreach (var packetId in delivery.Received)
        {
            if (_sent.TryGetValue(packetId, out var sent))
            {
                sent.Received = true;
            }
        }

        return delivery.Progress.All(TryAdvance);
    }

    /// <summary>From where a topic is delivered, unless that is known.</summary>
    public bool TryStart(MqttTopicProgress start)
    {
        if (!KafkaProgress.TryDecode(start.Progress.Span, out var progress) || _progress.Count == Most)
        {
            return false;
        }

        _progress.TryAdd(start.Topic, progress);
        return true;
    }

    /// <summary>No subscription needs the topic any more; what is under way stays so.</summary>
    public void Forget(string topic) => _progress.Remove(topic);

    public void Clear()
    {
        _progress.Clear();
        _sent.Clear();
    }

    public MqttDelivery ToMessage()
    {
        var delivery = new MqttDelivery();
        delivery.Progress.Add(_progress.Select(topic => new MqttTopicProgress { Topic = topic.Key, Progress = UnsafeByteOperations.UnsafeWrap(topic.Value.Encode()) }));
        delivery.Sent.Add(_sent.Values.Select(sent => sent.Clone()));
        return delivery;
    }

    private bool TryAdvance(MqttTopicProgress topic)
    {
        if (!KafkaProgress.TryDecode(topic.Progress.Span, out var progress))
        {
            return false;
        }

        if (_progress.TryGetValue(topic.Topic, out var before))
        {
            foreach (var (partition, offset) in before.Partitions)
            {
                progress = (progress[partition] ?? -1) < offset ? progress.With(partition, offset) : progress;
            }
        }

        _progress[topic.Topic] = progress;
        return _progress.Count <= Most;
    }
}
