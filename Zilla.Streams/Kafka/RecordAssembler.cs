using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Kafka;

/// <summary>Puts records together out of a stream's DATA frames. A record in one frame, the common case, passes through without a copy.</summary>
/// <param name="maxValue">Longest value accepted, in bytes.</param>
public sealed class RecordAssembler(int maxValue)
{
    private byte[] _value = [];
    private int _length;
    private ReadOnlyMemory<byte> _extension;
    private bool _begun;

    /// <summary>Takes the next DATA frame. True when it completes a record; false when more is to come, or when the record was cut short and is dropped.</summary>
    /// <exception cref="StreamBrokenException">
    /// <see cref="Cause.InvalidRecord"/>: too large. <see cref="Cause.ProtocolError"/>: the pieces do not fit, or the extension is unsound.
    /// </exception>
    public bool TryAdd(in StreamFrame frame, out KafkaRecord record)
    {
        record = default;
        var (init, fin) = (frame.Flags.HasFlag(DataFlags.Init), frame.Flags.HasFlag(DataFlags.Fin));
        if (init == _begun)
        {
            throw new StreamBrokenException(Cause.ProtocolError, init ? "A record begins inside another." : "A piece of a record without its beginning.");
        }

        if (frame.Flags.HasFlag(DataFlags.Incomplete))
        {
            Forget();
            return false;
        }

        if (frame.Payload.Length > maxValue - _length)
        {
            Forget();
            throw new StreamBrokenException(Cause.InvalidRecord, $"The record's value is longer than {maxValue} bytes.");
        }

        if (init && fin)
        {
            return Read(frame.Extension, frame.Payload, out record);
        }

        if (init)
        {
            _begun = true;
            _extension = frame.Extension;
        }

        Append(frame.Payload.Span);
        if (!fin)
        {
            return false;
        }

        // The array becomes the record's: the next one gets its own.
        var (extension, value) = (_extension, _value.AsMemory(0, _length));
        Forget();
        return Read(extension, value, out record);
    }

    private static bool Read(ReadOnlyMemory<byte> extension, ReadOnlyMemory<byte> value, out KafkaRecord record) => KafkaRecordCodec.TryRead(extension, value, out record)
        ? true
        : throw new StreamBrokenException(Cause.ProtocolError, "KafkaDataEx cannot be decoded.");

    private void Append(ReadOnlySpan<byte> piece)
    {
        if (_value.Length - _length < piece.Length)
        {
            Array.Resize(ref _value, (int)Math.Min(Math.Max(2L * _value.Length, (long)_length + piece.Length), maxValue));
        }

        piece.CopyTo(_value.AsSpan(_length));
        _length += piece.Length;
    }

    private void Forget() => (_value, _length, _extension, _begun) = ([], 0, default, false);
}
