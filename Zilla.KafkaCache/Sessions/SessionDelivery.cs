using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.Mqtt;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>How far a client has got with what it is sent: a progress per Kafka topic, the filters that begin later than that, and what is under way to it.</summary>
internal sealed class SessionDelivery
{
    /// <summary>Topics of Kafka. Beyond it an edge is not believed.</summary>
    private const int MostTopics = 16_384;

    private readonly Dictionary<string, KafkaProgress> _progress = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<uint, MqttSent> _sent = [];
    private FilterStarts? _starts;

    public bool IsEmpty => _progress.Count == 0 && _sent.Count == 0 && _starts is null;

    /// <summary>A filter begins later than the progress.</summary>
    public bool HasStarts => _starts is not null;

    /// <summary>Takes what a record says. False: it is not sound; what can be read of it counts.</summary>
    public bool TryLoad(MqttDelivery stored) => TryApply(stored) && stored.Starts.All(start => TryBegin(start.Filters, start.Start));

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
            if (sent.PacketId is 0 or > ushort.MaxValue || _sent.Count == SessionLimits.Sent)
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
        if (!KafkaProgress.TryDecode(start.Progress.Span, out var progress) || _progress.Count == MostTopics)
        {
            return false;
        }

        _progress.TryAdd(start.Topic, progress);
        return true;
    }

    /// <summary>Where new filters begin: kept as far as the progress has not got there. False: it is not sound.</summary>
    public bool TryBegin(IReadOnlyCollection<string> filters, IEnumerable<MqttTopicProgress> start)
    {
        var ahead = new Dictionary<string, KafkaProgress>(StringComparer.Ordinal);
        foreach (var topic in start)
        {
            if (!KafkaProgress.TryDecode(topic.Progress.Span, out var at))
            {
                return false;
            }

            if (FilterStarts.Ahead(at, _progress.GetValueOrDefault(topic.Topic)) is { } rest)
            {
                ahead[topic.Topic] = rest;
            }
        }

        if (filters.Count > 0 && ahead.Count > 0)
        {
            (_starts ??= new()).Add(filters, ahead);
            DropEmpty();
        }

        return true;
    }

    /// <summary>There is no such filter any more.</summary>
    public void Remove(string filter)
    {
        _starts?.Remove(filter);
        DropEmpty();
    }

    /// <summary>No subscription needs the topic any more; what is under way stays so.</summary>
    public void Forget(string topic)
    {
        _progress.Remove(topic);
        _starts?.Forget(topic);
        DropEmpty();
    }

    public void Clear()
    {
        _progress.Clear();
        _sent.Clear();
        _starts = null;
    }

    public MqttDelivery ToMessage()
    {
        var delivery = new MqttDelivery();
        delivery.Progress.Add(_progress.Select(topic => new MqttTopicProgress { Topic = topic.Key, Progress = UnsafeByteOperations.UnsafeWrap(topic.Value.Encode()) }));
        delivery.Sent.Add(_sent.Values.Select(sent => sent.Clone()));
        delivery.Starts.Add(_starts?.ToMessages() ?? []);
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
        _starts?.Pass(topic.Topic, progress);
        DropEmpty();
        return _progress.Count <= MostTopics;
    }

    private void DropEmpty() => _starts = _starts is { IsEmpty: true } ? null : _starts;
}
