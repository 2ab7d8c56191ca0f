using System.Runtime.CompilerServices;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Kafka;

/// <summary>Reads a stream record by record; frames of other kinds come through as they are.</summary>
/// <param name="stream">The stream, read by nobody else.</param>
/// <param name="maxValue">Longest value accepted, in bytes; a longer one breaks the reading with <see cref="Cause.InvalidRecord"/>.</param>
public sealed class KafkaReader(FrameStream stream, int maxValue = KafkaReader.DefaultMaxValue)
{
    /// <summary>16 MiB: well above what brokers accept unless told otherwise (message.max.bytes, 1 MiB).</summary>
    public const int DefaultMaxValue = 16 * 1024 * 1024;

    private readonly RecordAssembler _assembler = new(maxValue);

    /// <inheritdoc cref="FrameStream.ReadAsync"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<KafkaItem> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var frame = await stream.ReadAsync(cancellationToken);
            if (TryComplete(frame, out var item))
            {
                return item;
            }
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, but gives false when nothing whole is there yet.</summary>
    public bool TryRead(out KafkaItem item)
    {
        while (stream.TryRead(out var frame))
        {
            if (TryComplete(frame, out item))
            {
                return true;
            }
        }

        item = default;
        return false;
    }

    private bool TryComplete(in StreamFrame frame, out KafkaItem item)
    {
        if (frame.Kind != FrameKind.Data)
        {
            item = new(frame, default);
            return true;
        }

        var whole = _assembler.TryAdd(frame, out var record);
        item = new(frame, record);
        return whole;
    }
}

/// <summary>A record, or a frame of another kind.</summary>
public readonly struct KafkaItem(in StreamFrame frame, in KafkaRecord record)
{
    /// <summary><see cref="FrameKind.Data"/>: see <see cref="Record"/>.</summary>
    public FrameKind Kind => Frame.Kind;

    public KafkaRecord Record { get; } = record;

    /// <summary>The frame; of a record in several frames the last one.</summary>
    public StreamFrame Frame { get; } = frame;

    /// <summary>The progress of a FLUSH or END, or null when it has none.</summary>
    public KafkaProgress? Progress => ProgressExtension.TryRead(Frame, out var progress) ? progress : null;
}
