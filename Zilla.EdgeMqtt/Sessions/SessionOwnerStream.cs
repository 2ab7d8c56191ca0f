using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>One stream to the owner of a session: sends what is asked, takes the answers.</summary>
internal sealed class SessionOwnerStream(FrameStream stream, SessionCalls calls)
{
    /// <exception cref="StreamBrokenException">The owner refuses.</exception>
    public async Task<MqttAttached> ReadAttachedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await stream.ReadAsync(cancellationToken);
            if (frame.Kind is FrameKind.Data or FrameKind.End)
            {
                return Parse(frame).Attached ?? throw new StreamBrokenException(Cause.ProtocolError, "The owner does not say what it has");
            }
        }
    }

    /// <summary>Returns when the end has been sent and answered.</summary>
    /// <param name="end">How the connection ended, as soon as that is known; told by a pulse of the calls.</param>
    /// <param name="cancellationToken">Nobody needs it any more.</param>
    public async Task RunAsync(Func<MqttEndEx?> end, CancellationToken cancellationToken)
    {
        calls.Rewind();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(end, ending.Token);
        var reading = ReadAsync(ending.Token);
        try
        {
            await await Task.WhenAny(reading, writing);
            await reading;
        }
        finally
        {
            await ending.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await stream.ReadAsync(cancellationToken);
            if (frame.Kind == FrameKind.End)
            {
                return;
            }

            if (frame.Kind == FrameKind.Data && Parse(frame) is { Done: { } done, Request: var request })
            {
                calls.Complete(request, done);
            }
        }
    }

    private async Task WriteAsync(Func<MqttEndEx?> end, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Before looking for calls: all that were made before it are there then.
            var last = end();
            while (calls.TryNext(out var call))
            {
                await WriteAsync(call, cancellationToken);
            }

            if (last is not null)
            {
                stream.End(ExtensionKind.Mqtt, last.ToByteArray());
                return;
            }

            await calls.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A large payload goes in pieces, so that other streams get between.</summary>
    private async Task WriteAsync(SessionCall call, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> rest = call.Payload;
        var extension = call.Message.ToByteArray();
        for (var first = true; first || !rest.IsEmpty; first = false)
        {
            var piece = rest[..Math.Min(rest.Length, KafkaStreamExtensions.MaxFragment)];
            rest = rest[piece.Length..];
            var flags = (first ? DataFlags.Init : 0) | (rest.IsEmpty ? DataFlags.Fin : 0);
            await (first
                ? stream.WriteDataAsync(piece, flags, ExtensionKind.Mqtt, extension, cancellationToken)
                : stream.WriteDataAsync(piece, flags, cancellationToken: cancellationToken));
        }
    }

    private static MqttDataEx Parse(in StreamFrame frame)
    {
        try
        {
            return frame.ExtensionKind == ExtensionKind.Mqtt
                ? MqttDataEx.Parser.ParseFrom(frame.Extension.Span)
                : throw new StreamBrokenException(Cause.ProtocolError, "The owner says nothing of MQTT");
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new StreamBrokenException(Cause.ProtocolError, malformed.Message);
        }
    }
}
