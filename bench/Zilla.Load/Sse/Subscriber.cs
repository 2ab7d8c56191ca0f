using System.Diagnostics;
using System.Net.Sockets;
using Zilla.Load.Http;

namespace Zilla.Load.Sse;

/// <summary>One event stream: counts the events and how long each took from its publisher to here.</summary>
internal sealed class Subscriber : IDisposable
{
    private readonly Socket _socket;
    private readonly Deliveries _deliveries;
    private readonly EventScanner _scanner;
    private readonly byte[] _received;
    private long _now;

    private Subscriber(Socket socket, FanOut fanOut, bool isChunked, byte[] buffer)
    {
        (_socket, _deliveries, _received) = (socket, new(fanOut), buffer);
        _scanner = new(isChunked, time => _deliveries.Count(time, _now));
    }

    public Histogram Latencies => _deliveries.Latencies;

    /// <summary>Completes when the response has begun.</summary>
    /// <exception cref="IOException">It is not an event stream.</exception>
    public static async Task<Subscriber> OpenAsync(Target target, string key, FanOut fanOut, int bufferSize, CancellationToken cancellationToken)
    {
        var socket = await target.ConnectAsync(cancellationToken);
        await socket.SendAsync(target.Request("GET", key, accept: "text/event-stream"), cancellationToken);
        var (buffer, length) = (new byte[bufferSize], 0);
        ResponseHead head;
        do
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            length += count > 0 ? count : throw new IOException("The server closed the connection.");
        }
        while (!ResponseHead.TryRead(buffer.AsSpan(0, length), out head));
        if (head.Status != 200)
        {
            throw new IOException($"A subscription was answered with {head.Status}.");
        }

        var subscriber = new Subscriber(socket, fanOut, head.IsChunked, buffer);
        subscriber._scanner.Take(buffer.AsSpan(head.Length, length - head.Length));
        return subscriber;
    }

    /// <summary>Ends when the socket is disposed of or the server closes.</summary>
    public async Task ReadAsync()
    {
        try
        {
            while (await _socket.ReceiveAsync(_received) is > 0 and var count)
            {
                _now = Stopwatch.GetTimestamp();
                _scanner.Take(_received.AsSpan(0, count));
            }
        }
        catch (SocketException)
        {
            // Closed by us at the end; an early end shows as events that are missing.
        }
        catch (ObjectDisposedException)
        {
            // As above.
        }
    }

    public void Dispose() => _socket.Dispose();
}
