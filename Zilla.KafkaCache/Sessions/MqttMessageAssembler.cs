using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>Puts what an edge says together from the frames it came in: one, unless its payload is large.</summary>
/// <param name="maxPayload">In bytes.</param>
internal sealed class MqttMessageAssembler(int maxPayload)
{
    private MqttDataEx? _begun;
    private byte[] _payload = [];

    /// <summary>True: the frame completes a message.</summary>
    /// <exception cref="StreamBrokenException">The frames do not fit together, or are too large.</exception>
    public bool TryAdd(in StreamFrame frame, out MqttDataEx message, out byte[] payload)
    {
        var (init, fin) = (frame.Flags.HasFlag(DataFlags.Init), frame.Flags.HasFlag(DataFlags.Fin));
        if (init == (_begun is not null) || frame.Flags.HasFlag(DataFlags.Incomplete))
        {
            throw new StreamBrokenException(Cause.ProtocolError, "The frames of a message do not fit together");
        }

        if (frame.Payload.Length > maxPayload - _payload.Length)
        {
            throw new StreamBrokenException(Cause.InvalidRecord, $"The message is longer than {maxPayload} bytes");
        }

        _begun ??= frame.Parse(MqttDataEx.Parser);
        _payload = [.. _payload, .. frame.Payload.Span];
        (message, payload) = (_begun, _payload);
        if (fin)
        {
            (_begun, _payload) = (null, []);
        }

        return fin;
    }
}
