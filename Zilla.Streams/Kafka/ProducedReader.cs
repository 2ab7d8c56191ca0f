using System.Text;
using Zilla.Streams.Protobuf;
using Zilla.Streams.V1;

namespace Zilla.Streams.Kafka;

/// <summary>Reads the results in a <c>KafkaFlushEx</c> one run after the other, without allocating while nothing has failed.</summary>
/// <param name="extension">The encoded <c>KafkaFlushEx</c>.</param>
public ref struct ProducedReader(ReadOnlySpan<byte> extension)
{
    private readonly ReadOnlySpan<byte> _extension = extension;
    private ProtoReader _fields = new(extension);

    /// <summary>False: what <see cref="TryRead"/> stopped at is not a sound <c>KafkaFlushEx</c>.</summary>
    public bool IsSound { get; private set; } = true;

    /// <summary>False at the end, and at what is not sound.</summary>
    public bool TryRead(out ProducedRun run)
    {
        run = default;
        while (!_fields.AtEnd)
        {
            if (!_fields.TryReadTag(out var tag))
            {
                return IsSound = false;
            }

            if (tag == ProducedResults.RunTag)
            {
                return IsSound = _fields.TryReadLength(out var start, out var length) && TryReadRun(_extension.Slice(start, length), out run);
            }

            if (!_fields.TrySkip(tag))
            {
                return IsSound = false;
            }
        }

        return false;
    }

    private static bool TryReadRun(ReadOnlySpan<byte> encoded, out ProducedRun run)
    {
        run = default;
        var (count, partition, offset, number, failure) = (0U, 0, 0L, 0UL, default(ProducedRun));
        var reader = new ProtoReader(encoded);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag))
            {
                return false;
            }

            var sound = tag switch
            {
                ProducedResults.CountTag => reader.TryReadVarint32(out count),
                ProducedResults.PartitionTag => reader.TryReadSigned32(out partition),
                ProducedResults.OffsetTag => reader.TryReadSigned64(out offset),
                ProducedResults.NumberTag => reader.TryReadVarint(out number),
                ProducedResults.FailureTag => reader.TryReadLength(out var start, out var length) && TryReadFailure(encoded.Slice(start, length), out failure),
                _ => reader.TrySkip(tag),
            };
            if (!sound)
            {
                return false;
            }
        }

        run = failure with { Count = (int)count, Number = (long)number, Partition = partition, Offset = offset };
        return count is > 0 and <= int.MaxValue && number <= long.MaxValue - int.MaxValue;
    }

    private static bool TryReadFailure(ReadOnlySpan<byte> encoded, out ProducedRun failure)
    {
        failure = default;
        var (cause, retryAfter) = (0U, 0U);
        var message = ReadOnlySpan<byte>.Empty;
        var reader = new ProtoReader(encoded);
        while (!reader.AtEnd)
        {
            if (!reader.TryReadTag(out var tag))
            {
                return false;
            }

            var (sound, start, length) = (true, 0, 0);
            switch (tag)
            {
                case ProducedResults.CauseTag:
                    sound = reader.TryReadVarint32(out cause);
                    break;
                case ProducedResults.MessageTag:
                    sound = reader.TryReadLength(out start, out length);
                    message = encoded.Slice(start, length);
                    break;
                case ProducedResults.RetryAfterTag:
                    sound = reader.TryReadVarint32(out retryAfter);
                    break;
                default:
                    sound = reader.TrySkip(tag);
                    break;
            }

            if (!sound)
            {
                return false;
            }
        }

        failure = new()
        {
            // A failure is one, whatever its cause is.
            Cause = cause is > 0 and <= (uint)Cause.ShuttingDown ? (Cause)cause : Cause.Internal,
            Message = Encoding.UTF8.GetString(message),
            RetryAfter = TimeSpan.FromMilliseconds(retryAfter),
        };
        return true;
    }
}
