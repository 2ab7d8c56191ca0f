using System.Net.WebSockets;

namespace Zilla.EdgeMqtt.WebSockets;

/// <summary>
/// The bytes of a WebSocket's binary messages. Messages are passed on as they come, never gathered, so that their length does not matter; packets may span them
/// [MQTT-6.0.0-2]. A text message ends the connection with 1003 [MQTT-6.0.0-1].
/// </summary>
internal sealed class WebSocketStream(WebSocket socket) : Stream
{
    private WebSocketCloseStatus _status = WebSocketCloseStatus.NormalClosure;

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ValueWebSocketReceiveResult read;
            try
            {
                read = await socket.ReceiveAsync(buffer, cancellationToken);
            }
            catch (WebSocketException e)
            {
                throw new IOException(e.Message, e);
            }

            switch (read.MessageType)
            {
                case WebSocketMessageType.Close:
                    return 0;
                case WebSocketMessageType.Text:
                    _status = WebSocketCloseStatus.InvalidMessageType;
                    return 0;
                case WebSocketMessageType.Binary when read.Count > 0 || buffer.IsEmpty:
                    return read.Count;
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await socket.SendAsync(buffer, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (WebSocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends the close frame, unless the connection is gone.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await socket.CloseOutputAsync(_status, null, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    public override void Flush()
    {
        // Every write flushes.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
