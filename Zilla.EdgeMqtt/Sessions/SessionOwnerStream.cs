using Google.Protobuf;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>One stream to the owner of a session: sends what is asked, takes the answers. While nothing is asked only a read is under way.</summary>
internal sealed class SessionOwnerStream(FrameStream stream, SessionCalls calls) : IThreadPoolWorkItem
{
    private Exception? _fault;

    /// <exception cref="StreamBrokenException">The owner refuses.</exception>
    public async Task<MqttAttached> ReadAttachedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await stream.ReadAsync(cancellationToken);
            if (frame.Kind is FrameKind.Data or FrameKind.End)
            {
                return frame.Parse(ExtensionKind.Mqtt, MqttDataEx.Parser).Attached ?? throw new StreamBrokenException(Cause.ProtocolError, "The owner does not say what it has");
            }
        }
    }

    /// <summary>Returns when the end of the connection has been sent and answered.</summary>
    /// <param name="cancellationToken">Nobody needs it any more.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        calls.SendBy(this);
        try
        {
            while (Take(await stream.ReadAsync(cancellationToken)))
            {
            }
        }
        catch (StreamBrokenException) when (_fault is not null)
        {
            throw _fault;
        }
        finally
        {
            calls.SendBy(null);
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    /// <summary>False: it was the last.</summary>
    private bool Take(in StreamFrame frame)
    {
        if (frame.Kind == FrameKind.Data && frame.Parse(ExtensionKind.Mqtt, MqttDataEx.Parser) is { Done: { } done, Request: var request })
        {
            calls.Complete(request, done);
        }

        return frame.Kind != FrameKind.End;
    }

    /// <summary>Sends what there is. A stream that is broken tells its reader so.</summary>
    private async Task WriteAsync()
    {
        try
        {
            while (calls.TryNext(this, out var call, out var end))
            {
                if (call is not null)
                {
                    await WriteAsync(call);
                }
                else
                {
                    stream.End(ExtensionKind.Mqtt, end!.ToByteArray());
                }
            }
        }
        catch (StreamBrokenException)
        {
            // Its reader hears of it.
        }
        catch (Exception fault)
        {
            _fault = fault;
            await stream.DisposeAsync();
        }
    }

    /// <summary>A large payload goes in pieces, so that other streams get between.</summary>
    private async Task WriteAsync(SessionCall call)
    {
        ReadOnlyMemory<byte> rest = call.Payload;
        var extension = call.Message.ToByteArray();
        for (var first = true; first || !rest.IsEmpty; first = false)
        {
            var piece = rest[..Math.Min(rest.Length, KafkaStreamExtensions.MaxFragment)];
            rest = rest[piece.Length..];
            var flags = (first ? DataFlags.Init : 0) | (rest.IsEmpty ? DataFlags.Fin : 0);
            await (first
                ? stream.WriteDataAsync(piece, flags, ExtensionKind.Mqtt, extension)
                : stream.WriteDataAsync(piece, flags));
        }
    }
}
