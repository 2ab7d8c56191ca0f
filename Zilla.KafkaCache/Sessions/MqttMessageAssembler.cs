using System.Buffers;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>Puts what an edge says together from the frames it came in: one, unless its payload is large.</summary>
/// <param name="maxPayload">In bytes.</param>
internal sealed class MqttMessageAssembler(int maxPayload)
{
    private MqttDataEx? _begun;

    /// <summary>What has come of a payload that is larger than a frame.</summary>
    private ArrayBufferWriter<byte>? _pieces;

    /// <summary>True: the frame completes a message.</summary>
    /// <exception cref="StreamBrokenException">The frames do not fit together, or are too large.</exception>
    public bool TryAdd(in StreamFrame frame, out MqttDataEx message, out byte[] payload)
    {
        var (init, fin) = (frame.Flags.HasFlag(DataFlags.Init), frame.Flags.HasFlag(DataFlags.Fin));
        if (init == (_begun is not null) || frame.Flags.HasFlag(DataFlags.Incomplete))
        {
            throw new StreamBrokenException(Cause.ProtocolError, "The frames of a message do not fit together");
        }

        if (frame.Payload.Length > maxPayload - (_pieces?.WrittenCount ?? 0))
        {
            throw new StreamBrokenException(Cause.InvalidRecord, $"The message is longer than {maxPayload} bytes");
        }

        (message, payload) = (_begun ??= frame.Parse(MqttDataEx.Parser), []);
        if (!fin || _pieces is not null)
        {
            // It doubles where it grows: what has come is not copied for every piece.
            (_pieces ??= new()).Write(frame.Payload.Span);
        }

        if (fin)
        {
            payload = (_pieces is null ? frame.Payload.Span : _pieces.WrittenSpan).ToArray();
            (_begun, _pieces) = (null, null);
        }

        return fin;
    }
}
