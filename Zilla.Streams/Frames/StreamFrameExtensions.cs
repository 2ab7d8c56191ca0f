using Google.Protobuf;
using Zilla.Streams.V1;

namespace Zilla.Streams.Frames;

/// <summary>Decoding the metadata that a frame carries.</summary>
public static class StreamFrameExtensions
{
    /// <param name="frame">The frame.</param>
    /// <param name="kind">The protocol that its stream is of.</param>
    /// <param name="parser">Of the message that belongs there.</param>
    /// <exception cref="StreamBrokenException">The frame carries none, another protocol's, or what is not such a message.</exception>
    public static T Parse<T>(this in StreamFrame frame, ExtensionKind kind, MessageParser<T> parser)
        where T : IMessage<T>
    {
        ArgumentNullException.ThrowIfNull(parser);
        if (frame.ExtensionKind != kind)
        {
            throw new StreamBrokenException(Cause.ProtocolError, $"A frame with {frame.ExtensionKind} in a stream of {kind}");
        }

        try
        {
            return parser.ParseFrom(frame.Extension.Span);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new StreamBrokenException(Cause.ProtocolError, malformed.Message);
        }
    }
}
