using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Produce;

/// <summary>Puts the one record of a PRODUCE stream together from its frames. The size is bounded before anything is kept.</summary>
internal sealed class RecordAssembler(int maxBytes)
{
    private readonly MemoryStream _value = new();
    private ReadOnlyMemory<byte> _extension;
    private bool _begun;
    private bool _whole;

    /// <summary>Reads to END. Gives nothing when the opener gave up: whatever it sent is not to be written.</summary>
    /// <exception cref="StreamBrokenException">The opener broke off, broke the protocol, or sent too much.</exception>
    public async Task<(KafkaRecord Record, byte[] Value)> ReadAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        while (await stream.ReadAsync(cancellationToken) is var frame && frame.Kind != FrameKind.End)
        {
            if (frame.Kind == FrameKind.Data)
            {
                Add(frame);
            }
        }

        if (!_whole)
        {
            throw new StreamBrokenException(Cause.ProtocolError, "END came before a whole record");
        }

        var value = _value.ToArray();
        return KafkaRecordCodec.TryRead(_extension, value, out var record) ? (record, value) : throw new StreamBrokenException(Cause.ProtocolError, "The record's KafkaDataEx cannot be read");
    }

    private void Add(in StreamFrame frame)
    {
        if (frame.Flags.HasFlag(DataFlags.Init) == _begun || _whole)
        {
            throw new StreamBrokenException(Cause.ProtocolError, "A PRODUCE stream carries one record, whose first frame alone is INIT");
        }

        if (frame.Flags.HasFlag(DataFlags.Incomplete))
        {
            throw new StreamBrokenException(Cause.Cancelled, "The record was cut short");
        }

        if (!_begun)
        {
            _extension = frame.ExtensionKind == ExtensionKind.Kafka ? frame.Extension : default;
            _begun = true;
        }

        if (_extension.Length + _value.Length + frame.Payload.Length > maxBytes)
        {
            throw new StreamBrokenException(Cause.InvalidRecord, $"The record is larger than {maxBytes} bytes");
        }

        _value.Write(frame.Payload.Span);
        _whole = frame.Flags.HasFlag(DataFlags.Fin);
    }
}
