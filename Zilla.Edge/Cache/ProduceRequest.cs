using System.Buffers;
using System.Diagnostics;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>One record to be written.</summary>
public sealed record ProduceRequest(TopicName Topic)
{
    /// <summary>A value travels in pieces of at most this size, so that it does not hold the lane for long.</summary>
    private const int PieceBytes = 32 << 10;

    public KafkaProduce.Types.Acks Acks { get; init; }

    /// <summary>Null: the null key.</summary>
    public ReadOnlyMemory<byte>? Key { get; init; }

    public IReadOnlyList<RecordHeader> Headers { get; init; } = [];

    /// <summary>Null: a tombstone.</summary>
    public ReadOnlySequence<byte>? Value { get; init; }

    internal Begin ToBegin() => new Begin
    {
        Kafka = new KafkaBeginEx { Cluster = Topic.Cluster, Topic = Topic.Topic, Produce = new KafkaProduce { Acks = Acks } },
    }.WithTrace(Activity.Current);

    internal async Task<KafkaProgress> SendAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        await WriteAsync(stream, cancellationToken);
        stream.End();
        while (true)
        {
            var frame = await stream.ReadAsync(cancellationToken);
            if (frame.Kind == FrameKind.End)
            {
                var progress = frame.ExtensionKind == ExtensionKind.Kafka ? frame.Parse(ExtensionKind.Kafka, KafkaEndEx.Parser).Progress.Span : default;
                return KafkaProgress.TryDecode(progress, out var written) ? written : KafkaProgress.Empty;
            }
        }
    }

    private async Task WriteAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        var extension = Encode();
        var rest = Value ?? ReadOnlySequence<byte>.Empty;
        var flags = DataFlags.Init;
        do
        {
            var piece = rest.Slice(0, Math.Min(rest.Length, PieceBytes));
            rest = rest.Slice(piece.End);
            flags |= rest.IsEmpty ? DataFlags.Fin : DataFlags.None;
            await stream.WriteDataAsync(
                piece.IsSingleSegment ? piece.First : piece.ToArray(), flags,
                (flags & DataFlags.Init) != 0 ? ExtensionKind.Kafka : ExtensionKind.None, (flags & DataFlags.Init) != 0 ? extension : default, cancellationToken);
            flags = DataFlags.None;
        }
        while (!rest.IsEmpty);
    }

    private byte[] Encode()
    {
        var head = new KafkaRecordHead
        {
            Partition = -1,
            Offset = -1,
            Key = (Key ?? default).Span,
            HasKey = Key is not null,
            IsTombstone = Value is null,
        };
        ReadOnlySpan<RecordHeader> headers = [.. Headers];
        return KafkaRecordCodec.Encode(head, headers);
    }
}
