using System.Text;
using Zilla.Streams.Lanes;
using Zilla.Streams.Protobuf;
using Zilla.Streams.V1;

namespace Zilla.Streams.Kafka;

/// <summary>
/// Gathers what became of produced records, in whatever order, into a <c>KafkaFlushEx</c>, byte for byte as the generated code writes it. Records
/// that follow each other in the stream and in a partition take one run. Used again and again; for one thread at a time.
/// </summary>
/// <remarks>
/// <code>
/// { 12 length { 08 count │ 10 zigzag partition │ 18 zigzag offset │ 22 length failure │ 28 number } }*      failure: 08 cause │ 12 length message │ 18 retry after, ms
/// </code>
/// </remarks>
public sealed class ProducedResults
{
    internal const byte RunTag = (2 << 3) | ProtoReader.Length;
    internal const byte CountTag = (1 << 3) | ProtoReader.Varint;
    internal const byte PartitionTag = (2 << 3) | ProtoReader.Varint;
    internal const byte OffsetTag = (3 << 3) | ProtoReader.Varint;
    internal const byte FailureTag = (4 << 3) | ProtoReader.Length;
    internal const byte NumberTag = (5 << 3) | ProtoReader.Varint;
    internal const byte CauseTag = (1 << 3) | ProtoReader.Varint;
    internal const byte MessageTag = (2 << 3) | ProtoReader.Length;
    internal const byte RetryAfterTag = (3 << 3) | ProtoReader.Varint;

    private const int Enough = 16 << 10;

    private byte[] _encoded = new byte[256];
    private int _length;
    private ProducedRun _run;

    /// <summary>Time to send what is here: a frame is not made larger than it need be.</summary>
    public bool IsFull => _length >= Enough;

    public bool IsEmpty => _length == 0 && _run.Count == 0;

    /// <summary>A record is written.</summary>
    /// <param name="number">How many records of the stream came before it.</param>
    /// <param name="partition">Where it is; -1: not known.</param>
    /// <param name="offset">Likewise.</param>
    public void Add(long number, int partition, long offset)
    {
        var follows = IsNext(number) && _run.Cause == Cause.Unspecified && _run.Partition == partition
            && (offset < 0 ? _run.Offset == offset : _run.Offset >= 0 && _run.Offset + _run.Count == offset);
        if (follows)
        {
            _run = _run with { Count = _run.Count + 1 };
            return;
        }

        CloseRun();
        _run = new() { Count = 1, Number = number, Partition = partition, Offset = offset };
    }

    /// <summary>A record failed.</summary>
    /// <param name="number">As of <see cref="Add"/>.</param>
    /// <param name="cause">Why.</param>
    /// <param name="message">In words; what is too long for a frame is cut.</param>
    /// <param name="retryAfter">When a retry may succeed; zero = not known.</param>
    public void AddFailure(long number, Cause cause, string message, TimeSpan retryAfter)
    {
        message = LaneText.Short(message);
        if (IsNext(number) && _run.Cause == cause && _run.Message == message && _run.RetryAfter == retryAfter)
        {
            _run = _run with { Count = _run.Count + 1 };
            return;
        }

        CloseRun();
        _run = new() { Count = 1, Number = number, Cause = cause, Message = message, RetryAfter = retryAfter };
    }

    /// <summary>The encoded <c>KafkaFlushEx</c> of what was added since the last time; valid until something is added.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        CloseRun();
        var taken = _encoded.AsMemory(0, _length);
        _length = 0;
        return taken;
    }

    private bool IsNext(long number) => _run.Count > 0 && _run.Number + _run.Count == number;

    private void CloseRun()
    {
        if (_run.Count == 0)
        {
            return;
        }

        var failure = FailureSize(_run);
        var size = 1 + ProtoWriter.VarintSize((uint)_run.Count)
            + (_run.Partition == 0 ? 0 : 1 + ProtoWriter.VarintSize(ProtoWriter.ZigZag(_run.Partition)))
            + (_run.Offset == 0 ? 0 : 1 + ProtoWriter.VarintSize(ProtoWriter.ZigZag(_run.Offset)))
            + (failure < 0 ? 0 : 1 + ProtoWriter.LengthSize(failure))
            + (_run.Number == 0 ? 0 : 1 + ProtoWriter.VarintSize((ulong)_run.Number));
        var total = 1 + ProtoWriter.LengthSize(size);
        if (_encoded.Length - _length < total)
        {
            Array.Resize(ref _encoded, Math.Max(_encoded.Length * 2, _length + total));
        }

        Write(_run, size, failure, _encoded.AsSpan(_length));
        _length += total;
        _run = default;
    }

    private static void Write(in ProducedRun run, int size, int failure, Span<byte> destination)
    {
        var writer = new ProtoWriter(destination);
        writer.WriteVarintField(RunTag, (uint)size);
        writer.WriteVarintField(CountTag, (uint)run.Count);
        if (run.Partition != 0)
        {
            writer.WriteVarintField(PartitionTag, ProtoWriter.ZigZag(run.Partition));
        }

        if (run.Offset != 0)
        {
            writer.WriteVarintField(OffsetTag, ProtoWriter.ZigZag(run.Offset));
        }

        if (failure >= 0)
        {
            WriteFailure(ref writer, run, failure);
        }

        if (run.Number != 0)
        {
            writer.WriteVarintField(NumberTag, (ulong)run.Number);
        }
    }

    private static void WriteFailure(ref ProtoWriter writer, in ProducedRun run, int size)
    {
        writer.WriteVarintField(FailureTag, (uint)size);
        writer.WriteVarintField(CauseTag, (uint)run.Cause);
        if (run.Message is { Length: > 0 } message)
        {
            writer.WriteLengthField(MessageTag, Encoding.UTF8.GetBytes(message));
        }

        if (RetryAfter(run) is > 0 and var retryAfter)
        {
            writer.WriteVarintField(RetryAfterTag, retryAfter);
        }
    }

    /// <summary>-1: it has not failed.</summary>
    private static int FailureSize(in ProducedRun run) => run.Cause == Cause.Unspecified ? -1
        : 1 + ProtoWriter.VarintSize((uint)run.Cause)
            + (string.IsNullOrEmpty(run.Message) ? 0 : 1 + ProtoWriter.LengthSize(Encoding.UTF8.GetByteCount(run.Message)))
            + (RetryAfter(run) is > 0 and var retryAfter ? 1 + ProtoWriter.VarintSize(retryAfter) : 0);

    private static uint RetryAfter(in ProducedRun run) => (uint)Math.Clamp(run.RetryAfter.TotalMilliseconds, 0, uint.MaxValue);
}
