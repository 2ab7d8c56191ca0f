using System.Text;
using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests;

/// <summary>What a client of a fetch stream does: follows its progress from the flushes and the records.</summary>
internal sealed class FetchReader(FrameStream stream) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly MemoryStream _value = new();
    private KafkaDataEx _head = new();

    /// <summary>"partition/offset:key=value", null as -.</summary>
    public List<string> Records { get; } = [];

    public List<KafkaDataEx> Heads { get; } = [];

    public List<string> Values { get; } = [];

    public List<KafkaProgress> Flushes { get; } = [];

    public KafkaProgress? End { get; private set; }

    public KafkaProgress Progress { get; private set; } = KafkaProgress.Empty;

    /// <summary>Reads until the stream ends.</summary>
    public async Task<FetchReader> ToEndAsync()
    {
        while (End is null)
        {
            await NextAsync();
        }

        return this;
    }

    public async Task<FetchReader> UntilAsync(Func<FetchReader, bool> condition)
    {
        while (!condition(this))
        {
            await NextAsync();
        }

        return this;
    }

    /// <summary>Reads one frame.</summary>
    public async Task NextAsync()
    {
        var frame = await Eventually.CompletesAsync(stream.ReadAsync().AsTask(), Deadline);
        switch (frame.Kind)
        {
            case FrameKind.Data:
                Take(frame);
                break;
            case FrameKind.Flush:
                Progress = Decode(KafkaFlushEx.Parser.ParseFrom(frame.Extension.Span).Progress);
                Flushes.Add(Progress);
                break;
            case FrameKind.End:
                End = Decode(KafkaEndEx.Parser.ParseFrom(frame.Extension.Span).Progress);
                break;
        }
    }

    public async Task<StreamBrokenException> BrokenAsync() => await Assert.ThrowsAsync<StreamBrokenException>(() => ToEndAsync());

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private void Take(in StreamFrame frame)
    {
        if (frame.Flags.HasFlag(DataFlags.Init))
        {
            _head = KafkaDataEx.Parser.ParseFrom(frame.Extension.Span);
            _value.SetLength(0);
        }

        _value.Write(frame.Payload.Span);
        if (frame.Flags.HasFlag(DataFlags.Fin))
        {
            var value = Encoding.UTF8.GetString(_value.ToArray());
            Heads.Add(_head);
            Values.Add(value);
            Records.Add($"{_head.Partition}/{_head.Offset}:{(_head.HasKey ? _head.Key.ToStringUtf8() : "-")}={(_head.Tombstone ? "-" : value)}");
            Progress = Progress.With(_head.Partition, _head.Offset + 1);
        }
    }

    private static KafkaProgress Decode(ByteString encoded) =>
        KafkaProgress.TryDecode(encoded.Span, out var progress) ? progress : throw new InvalidDataException("Not a progress");
}
