using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Produce;

/// <summary>Puts the records of a stream together, one after the other. One that is too large is passed over, and the next ones are not affected.</summary>
internal sealed class ManyRecords(int maxValue)
{
    private readonly RecordAssembler _assembler = new(maxValue);
    private bool _passingOver;

    /// <summary>What <see cref="TryAdd"/> has completed.</summary>
    public KafkaRecord Current { get; private set; }

    /// <summary>Why it is refused; null: it is whole.</summary>
    public StreamBrokenException? Refusal { get; private set; }

    /// <summary>True when a record is there, or is refused.</summary>
    /// <exception cref="StreamBrokenException"><see cref="Cause.ProtocolError"/>: it cannot be said where the next record begins.</exception>
    public bool TryAdd(in StreamFrame frame)
    {
        var last = frame.Flags.HasFlag(DataFlags.Fin) || frame.Flags.HasFlag(DataFlags.Incomplete);
        if (_passingOver)
        {
            _passingOver = !last;
            return last;
        }

        try
        {
            Refusal = null;
            var whole = _assembler.TryAdd(frame, out var record);
            Current = record;
            return whole || (last && Refuse("The record was cut short."));
        }
        catch (StreamBrokenException tooLarge) when (tooLarge.Cause == Cause.InvalidRecord)
        {
            _passingOver = !last;
            Refusal = tooLarge;
            return last;
        }
    }

    private bool Refuse(string reason)
    {
        Refusal = new(Cause.InvalidRecord, reason);
        return true;
    }
}
