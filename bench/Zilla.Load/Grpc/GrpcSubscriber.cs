using System.Diagnostics;
using System.Net.Sockets;
using Zilla.Load.Grpc.Wire;

namespace Zilla.Load.Grpc;

/// <summary>A call that gets a stream of messages: counts them, and how long each took from its publisher to here.</summary>
internal sealed class GrpcSubscriber(Http2Connection connection, FanOut fanOut)
{
    private readonly MessageScanner _messages = new();
    private readonly Deliveries _deliveries = new(fanOut);

    public Histogram Latencies => _deliveries.Latencies;

    /// <summary>Ends when the connection is disposed of or the server ends the call; an early end shows as messages that are missing.</summary>
    public async Task RunAsync(RequestHeaders headers)
    {
        try
        {
            CallTarget.Write(connection, 1, headers.First, []);
            while (true)
            {
                await connection.SendAsync();
                if (!await connection.ReceiveAsync())
                {
                    return;
                }

                var now = Stopwatch.GetTimestamp();
                while (connection.TryTake(out var frame))
                {
                    if (frame.Type == Http2FrameType.Data)
                    {
                        Count(frame.Payload, now);
                    }
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // Closed by us at the end.
        }
    }

    private void Count(ReadOnlySpan<byte> piece, long now)
    {
        while (_messages.TryTake(ref piece))
        {
            if (ItemMessage.TryReadTime(_messages.Head, out var time))
            {
                _deliveries.Count(time, now);
            }
        }
    }
}
