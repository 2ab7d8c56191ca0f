using Google.Protobuf;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>How far a group has got: what has been read, and below that what is not settled. For one caller at a time.</summary>
internal sealed class ShareProgress
{
    private readonly ProgressVector _read = new();
    private readonly Dictionary<int, SortedSet<long>> _unsettled = [];

    /// <summary>Where reading goes on.</summary>
    public KafkaProgress Read => _read.ToProgress();

    public void PassTo(KafkaProgress progress)
    {
        foreach (var (partition, offset) in progress.Partitions)
        {
            if (offset > (_read[partition] ?? -1))
            {
                _read.Set(partition, offset);
            }
        }
    }

    /// <summary>The record has been read and is to be settled. False: it has been read before.</summary>
    public bool TryAdd(int partition, long offset)
    {
        if (offset < (_read[partition] ?? -1))
        {
            return false;
        }

        _read.Set(partition, offset + 1);
        if (!_unsettled.TryGetValue(partition, out var unsettled))
        {
            _unsettled.Add(partition, unsettled = []);
        }

        return unsettled.Add(offset);
    }

    public void Settle(int partition, long offset) => _unsettled.GetValueOrDefault(partition)?.Remove(offset);

    /// <summary>Everything below is settled.</summary>
    public KafkaProgress Settled()
    {
        var settled = new ProgressVector(_read.ToProgress());
        foreach (var (partition, unsettled) in _unsettled)
        {
            if (unsettled.Count > 0)
            {
                settled.Set(partition, unsettled.Min);
            }
        }

        return settled.ToProgress();
    }

    public byte[] Write(string topic) =>
        ProgressRecord.Write(new() { Progress = { new MqttTopicProgress { Topic = topic, Progress = UnsafeByteOperations.UnsafeWrap(Settled().Encode()) } } });

    /// <summary>Null: it is none.</summary>
    public static KafkaProgress? From(byte[] record) =>
        ProgressRecord.TryRead(record, out var stored) && stored.Progress.Count == 1 && KafkaProgress.TryDecode(stored.Progress[0].Progress.Span, out var progress) ? progress : null;
}
