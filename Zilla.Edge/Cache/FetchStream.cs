using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

internal enum FetchStepKind
{
    Record,

    /// <summary>A FLUSH.</summary>
    Progress,

    /// <summary>An END.</summary>
    End,
}

/// <summary>What a fetch stream says next: a record, or how far it is.</summary>
internal readonly record struct FetchStep(FetchStepKind Kind, KafkaRecord Record, KafkaProgress? Progress);

/// <summary>The opener's side of a fetch: puts records together from DATA frames and reads the marks between them. For one reader at a time.</summary>
internal sealed class FetchStream(FrameStream frames, int maxRecordBytes) : IAsyncDisposable
{
    private ArrayBufferWriter<byte>? _parts;
    private ReadOnlyMemory<byte> _partsExtension;
    private volatile bool _isLate;

    /// <summary>When its time to be answered began; for <see cref="OpenDeadlines"/>.</summary>
    public long OpenedAt { get; set; }

    /// <summary>Reads up to the first mark: where the stream starts.</summary>
    /// <exception cref="StreamBrokenException">The stream was refused, or not answered in time.</exception>
    public async ValueTask<KafkaProgress> ReadStartAsync(OpenDeadlines deadlines, CancellationToken cancellationToken)
    {
        var waiting = new LinkedListNode<FetchStream>(this);
        deadlines.Add(waiting);
        try
        {
            var step = await ReadAsync(cancellationToken);
            return step.Kind == FetchStepKind.Progress
                ? step.Progress!
                : throw new StreamBrokenException(Cause.ProtocolError, "The stream does not say where it starts.");
        }
        catch (StreamBrokenException) when (_isLate)
        {
            throw new StreamBrokenException(Cause.Timeout, "The cache did not answer in time.");
        }
        finally
        {
            deadlines.Remove(waiting);
        }
    }

    /// <summary>Whoever waits for the answer waits no longer.</summary>
    public void BreakLate()
    {
        _isLate = true;
        frames.Reset(Cause.Timeout, "The cache did not answer in time.");
    }

    /// <exception cref="StreamBrokenException">The stream was refused or broke, or says what it must not.</exception>
    public async ValueTask<FetchStep> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Take(await frames.ReadAsync(cancellationToken), out var step))
            {
                return step.Value;
            }
        }
    }

    /// <summary>Gives false when nothing is there yet.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public bool TryRead(out FetchStep step)
    {
        while (frames.TryRead(out var frame))
        {
            if (Take(frame, out var taken))
            {
                step = taken.Value;
                return true;
            }
        }

        step = default;
        return false;
    }

    /// <summary>Reads END if it is what comes next and is there.</summary>
    public void TryReadEnd()
    {
        try
        {
            frames.TryRead(out _);
        }
        catch (StreamBrokenException)
        {
            // Broken or ended, it is over.
        }
    }

    public ValueTask DisposeAsync() => frames.DisposeAsync();

    private bool Take(in StreamFrame frame, [NotNullWhen(true)] out FetchStep? step)
    {
        step = null;
        switch (frame.Kind)
        {
            case FrameKind.Data:
                step = TakeData(frame);
                return step is not null;
            case FrameKind.Flush when frame.ExtensionKind == ExtensionKind.Kafka:
                step = new(FetchStepKind.Progress, default, Progress(frame.Parse(ExtensionKind.Kafka, KafkaFlushEx.Parser).Progress.Span));
                return true;
            case FrameKind.End:
                var progress = frame.ExtensionKind == ExtensionKind.Kafka ? frame.Parse(ExtensionKind.Kafka, KafkaEndEx.Parser).Progress.Span : default;
                step = new(FetchStepKind.End, default, Progress(progress));
                return true;
            default:
                return false;
        }
    }

    private FetchStep? TakeData(in StreamFrame frame)
    {
        if (frame.Flags == DataFlags.Whole)
        {
            return Record(frame.Extension, frame.Payload);
        }

        if ((frame.Flags & DataFlags.Incomplete) != 0)
        {
            throw new StreamBrokenException(Cause.ProtocolError, "A record was cut short.");
        }

        if ((frame.Flags & DataFlags.Init) != 0)
        {
            _parts = new ArrayBufferWriter<byte>(frame.Payload.Length * 2);
            _partsExtension = frame.Extension;
        }

        if (_parts is null || _parts.WrittenCount + frame.Payload.Length > maxRecordBytes)
        {
            throw new StreamBrokenException(Cause.ProtocolError, _parts is null ? "A record has no beginning." : "A record is too large.");
        }

        _parts.Write(frame.Payload.Span);
        if ((frame.Flags & DataFlags.Fin) == 0)
        {
            return null;
        }

        var whole = Record(_partsExtension, _parts.WrittenMemory);
        _parts = null;
        return whole;
    }

    private static FetchStep Record(ReadOnlyMemory<byte> extension, ReadOnlyMemory<byte> value) =>
        KafkaRecordCodec.TryRead(extension, value, out var record) && record.Partition is >= 0 and < KafkaProgress.MaxPartitions && record.Offset is >= 0 and < long.MaxValue
            ? new(FetchStepKind.Record, record, null)
            : throw new StreamBrokenException(Cause.ProtocolError, "A record's metadata is malformed.");

    private static KafkaProgress Progress(ReadOnlySpan<byte> encoded) =>
        encoded.IsEmpty ? KafkaProgress.Empty
        : KafkaProgress.TryDecode(encoded, out var progress) ? progress
        : throw new StreamBrokenException(Cause.ProtocolError, "A progress is malformed.");
}
