using System.IO.Pipelines;
using System.Net.WebSockets;

namespace Zilla.EdgeMqtt.WebSockets;

/// <summary>
/// The way in: what binary messages hold, one behind the other. They are passed on as they come, never gathered, so that their length does not matter; packets may
/// span them [MQTT-6.0.0-2]. A text message ends the connection with 1003 [MQTT-6.0.0-1].
/// </summary>
/// <remarks>A pipe of its own, since a read of a WebSocket that is cancelled takes the WebSocket with it.</remarks>
internal sealed class WebSocketInput(WebSocket socket)
{
    private const int PieceBytes = 4096;

    private readonly Pipe _pipe = new();

    public PipeReader Reader => _pipe.Reader;

    /// <summary>What to say at the end.</summary>
    public WebSocketCloseStatus Status { get; private set; } = WebSocketCloseStatus.NormalClosure;

    /// <summary>Reads until the client closes, or breaks the rules.</summary>
    public async Task RunAsync()
    {
        try
        {
            // Without a buffer first: a client that is silent holds none.
            while (await ReadAsync(default) >= 0 && await ReadAsync(_pipe.Writer.GetMemory(PieceBytes)) is >= 0 and var count)
            {
                _pipe.Writer.Advance(count);
                if ((await _pipe.Writer.FlushAsync()).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The client has gone.
        }

        await _pipe.Writer.CompleteAsync();
    }

    /// <summary>-1: nothing comes any more.</summary>
    private async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        var read = await socket.ReceiveAsync(buffer, CancellationToken.None);
        if (read.MessageType == WebSocketMessageType.Text)
        {
            Status = WebSocketCloseStatus.InvalidMessageType;
        }

        return read.MessageType == WebSocketMessageType.Binary ? read.Count : -1;
    }
}
