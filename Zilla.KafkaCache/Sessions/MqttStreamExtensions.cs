using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>Reading and writing <c>MqttDataEx</c>.</summary>
internal static class MqttStreamExtensions
{
    public static ValueTask WriteAsync(this FrameStream stream, MqttDataEx message, CancellationToken cancellationToken) =>
        stream.WriteDataAsync(default, DataFlags.Whole, ExtensionKind.Mqtt, message.ToByteArray(), cancellationToken);

    /// <exception cref="StreamBrokenException">The frame does not carry it.</exception>
    public static T Parse<T>(this in StreamFrame frame, MessageParser<T> parser)
        where T : IMessage<T>
    {
        try
        {
            return frame.ExtensionKind is ExtensionKind.Mqtt or ExtensionKind.None
                ? parser.ParseFrom(frame.Extension.Span)
                : throw new StreamBrokenException(Cause.ProtocolError, "A frame of another protocol in an MQTT stream");
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new StreamBrokenException(Cause.ProtocolError, malformed.Message);
        }
    }
}
