using System.Text;
using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Produce;

/// <summary>What a client of a produce stream with many records does.</summary>
internal sealed class ManyWriter(FrameStream stream) : IAsyncDisposable
{
    private readonly SortedDictionary<ulong, string> _results = [];

    public FrameStream Stream => stream;

    /// <summary>"partition/offset", or the cause, for each record, in their order.</summary>
    public IReadOnlyList<string> Results => [.. _results.Values];

    public List<KafkaProduced> Failures { get; } = [];

    public int Flushes { get; private set; }

    public KafkaFailure? Stopped { get; private set; }

    public Task WriteAsync(string? key, string? value, params (string Name, string? Value)[] headers)
    {
        var head = ProduceWriter.Head(key, headers);
        head.Tombstone = value is null;
        return WriteAsync(head, value ?? "");
    }

    public async Task WriteAsync(KafkaDataEx head, string value, DataFlags flags = DataFlags.Whole) => await stream.WriteDataAsync(
        Encoding.UTF8.GetBytes(value), flags, flags.HasFlag(DataFlags.Init) ? ExtensionKind.Kafka : ExtensionKind.None, flags.HasFlag(DataFlags.Init) ? head.ToByteArray() : default);

    public async Task<ManyWriter> UntilAsync(Func<ManyWriter, bool> condition)
    {
        while (!condition(this))
        {
            await NextAsync();
        }

        return this;
    }

    /// <summary>No more records; reads to the cache's END.</summary>
    public async Task<ManyWriter> EndAsync()
    {
        stream.End();
        return await ToEndAsync();
    }

    public async Task<ManyWriter> ToEndAsync()
    {
        while (await NextAsync())
        {
        }

        return this;
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task<bool> NextAsync()
    {
        var frame = await Eventually.CompletesAsync(stream.ReadAsync().AsTask());
        if (frame.Kind == FrameKind.Flush)
        {
            Flushes++;
            foreach (var run in KafkaFlushEx.Parser.ParseFrom(frame.Extension.Span).Produced)
            {
                Take(run);
            }
        }

        Stopped = frame.Kind == FrameKind.End && frame.ExtensionKind == ExtensionKind.Kafka ? KafkaEndEx.Parser.ParseFrom(frame.Extension.Span).Stopped : Stopped;
        return frame.Kind != FrameKind.End;
    }

    private void Take(KafkaProduced run)
    {
        for (var i = 0; i < run.Count; i++)
        {
            _results.Add(run.Number + (ulong)i, run.Failure is { } failure ? $"{(Cause)failure.Cause}" : $"{run.Partition}/{(run.Offset < 0 ? -1 : run.Offset + i)}");
        }

        if (run.Failure is not null)
        {
            Failures.Add(run);
        }
    }
}
