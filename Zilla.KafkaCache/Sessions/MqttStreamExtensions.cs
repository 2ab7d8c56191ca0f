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

    /// <summary>Of a frame that carries nothing: the message without anything in it.</summary>
    /// <exception cref="StreamBrokenException">The frame carries something else.</exception>
    public static T Parse<T>(this in StreamFrame frame, MessageParser<T> parser)
        where T : IMessage<T>, new() => frame.ExtensionKind == ExtensionKind.None ? new T() : frame.Parse(ExtensionKind.Mqtt, parser);
}
