using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Log;

/// <summary>
/// A compacted log of the broker's own, in a folder beside the topics: the latest value of each key is the state. What is appended together is one batch, so it
/// is whole or absent after a crash.
/// </summary>
internal sealed class StateLog : IDisposable
{
    private static readonly TopicConfig Config = new(new Dictionary<string, string>
    {
        [TopicConfigKeys.CleanupPolicy] = "compact",
        [TopicConfigKeys.SegmentBytes] = "16777216",
        [TopicConfigKeys.MaxMessageBytes] = "268435456",
    });

    private readonly LogOptions _options;

    public StateLog(string folder, LogOptions options)
    {
        _options = options;
        Log = PartitionLog.Open(folder, Config, options);
    }

    public PartitionLog Log { get; }

    /// <summary>Hands on all records in order; a null value deletes. Valid during the call.</summary>
    public void ReadAll(Action<Record> each)
    {
        for (var offset = Log.StartOffset; ;)
        {
            using var slice = Log.Read(offset, 1 << 20, atLeastOne: true);
            if (slice is not { Length: > 0 })
            {
                return;
            }

            for (var rest = slice.Bytes; BatchHeader.TryRead(rest.Span, out var header) == BatchResult.Batch; rest = rest[header.Size..])
            {
                var reader = new RecordReader(rest[BatchHeader.Length..header.Size]);
                while (reader.TryRead(out var record))
                {
                    each(record);
                }

                offset = header.NextOffset;
            }
        }
    }

    /// <summary>Writes all of <paramref name="changes"/> or, with an error, none. A null value deletes the key.</summary>
    public ErrorCode Append(IReadOnlyCollection<KeyValuePair<byte[], byte[]?>> changes)
    {
        if (changes.Count == 0)
        {
            return ErrorCode.None;
        }

        var builder = new BatchBuilder();
        foreach (var (key, value) in changes)
        {
            builder.Add(new Record(builder.Count, 0, key, value is null ? default(ReadOnlyMemory<byte>?) : value, default));
        }

        var now = _options.Now;
        return Log.Append(builder.Build(new BatchHeader
        {
            LastOffsetDelta = changes.Count - 1,
            BaseTimestamp = now,
            MaxTimestamp = now,
            ProducerId = BatchHeader.NoProducer,
            ProducerEpoch = -1,
            BaseSequence = -1,
        })).Error;
    }

    public void Dispose() => Log.Dispose();
}
