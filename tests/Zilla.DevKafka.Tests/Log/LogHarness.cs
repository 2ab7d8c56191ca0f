using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Topics;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Log;

/// <summary>A log in a folder of its own, on a clock that stands still, that can be closed and opened again.</summary>
internal sealed class LogHarness : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _config;

    public LogHarness(params (string Key, string Value)[] config)
    {
        _config = config.ToDictionary(c => c.Key, c => c.Value);
        Log = Open();
    }

    public ManualTime Time { get; } = new();
    public PartitionLog Log { get; private set; }
    public string Folder => _folder.Path;
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();
    public IReadOnlyList<string> Files => [.. Directory.GetFiles(Folder, "*.log").Order(StringComparer.Ordinal)];

    /// <summary>Without closing first, as after a crash: nothing is written at close, so it makes no difference to the files.</summary>
    public PartitionLog Reopen()
    {
        Log.Dispose();
        return Log = Open();
    }

    public long Append(byte[] batch)
    {
        var result = Log.Append(batch);
        Assert.Equal(DevKafka.Wire.ErrorCode.None, result.Error);
        return result.BaseOffset;
    }

    public void Append(string key, string? value) => Append(Batches.At(Now, (key, value)));

    /// <summary>All that a reader sees from the start: <c>offset:key=value</c>.</summary>
    public IReadOnlyList<string> Records()
    {
        var records = new List<string>();
        for (var offset = Log.StartOffset; ;)
        {
            using var slice = Log.Read(offset, 1 << 20, atLeastOne: true);
            if (slice is not { Length: > 0 })
            {
                return records;
            }

            for (var rest = slice.Bytes; BatchHeader.TryRead(rest.Span, out var header) == BatchResult.Batch; rest = rest[header.Size..])
            {
                Assert.True(header.IsIntact(rest.Span));
                offset = header.NextOffset;
                if (!Decompressor.TryRead(header, rest, out var bytes))
                {
                    records.Add($"{header.BaseOffset}:opaque");
                    continue;
                }

                var reader = new RecordReader(bytes);
                while (!reader.AtEnd && reader.TryRead(out var record))
                {
                    records.Add($"{header.BaseOffset + record.OffsetDelta}:{Text(record.Key)}={Text(record.Value)}");
                }
            }
        }
    }

    /// <summary>All that a read_committed reader sees from the start, fetching at most <paramref name="bytes"/> at once: <c>offset:key=value</c>.</summary>
    public IReadOnlyList<string> Committed(int bytes = 1 << 20)
    {
        var records = new List<string>();
        for (var offset = Log.StartOffset; ;)
        {
            var end = Log.LastStableOffset;
            using var slice = Log.Read(offset, bytes, atLeastOne: true, committed: true);
            if (slice is not { Length: > 0 })
            {
                Assert.Equal(end, offset);
                return records;
            }

            Filter(slice, records);
            offset = slice.NextOffset;
        }
    }

    public void Dispose()
    {
        Log.Dispose();
        _folder.Dispose();
    }

    /// <summary>As clients do it: a producer's records are left out from where the answer says on, until its marker.</summary>
    private static void Filter(LogSlice slice, List<string> records)
    {
        var left = slice.Aborted.OrderBy(a => a.FirstOffset).ToList();
        var aborted = new HashSet<long>();
        for (var rest = slice.Bytes; BatchHeader.TryRead(rest.Span, out var header) == BatchResult.Batch; rest = rest[header.Size..])
        {
            for (; left.Count > 0 && left[0].FirstOffset <= header.LastOffset; left.RemoveAt(0))
            {
                aborted.Add(left[0].ProducerId);
            }

            if (header.IsControl)
            {
                aborted.Remove(header.ProducerId);
            }
            else if (!header.IsTransactional || !aborted.Contains(header.ProducerId))
            {
                var reader = new RecordReader(Decompressor.TryRead(header, rest, out var bytes) ? bytes : default);
                while (!reader.AtEnd && reader.TryRead(out var record))
                {
                    records.Add($"{header.BaseOffset + record.OffsetDelta}:{Text(record.Key)}={Text(record.Value)}");
                }
            }
        }
    }

    private static string Text(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Encoding.UTF8.GetString(some.Span) : "null";

    private PartitionLog Open() => PartitionLog.Open(Folder, new TopicConfig(_config), new LogOptions(false, LogOptions.DefaultProducerExpiry, Time, NullLogger.Instance));
}
