using System.Net.Sockets;

namespace Zilla.Load.Http;

/// <summary>One keep-alive connection with one request under way. Does as little as it can: nothing is allocated per request.</summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private byte[] _discarded = [];

    private HttpConnection(Socket socket) => _socket = socket;

    public static async Task<HttpConnection> OpenAsync(Target target, CancellationToken cancellationToken) => new(await target.ConnectAsync(cancellationToken));

    /// <summary>Sends a whole request and reads its whole answer; gives the status.</summary>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        for (var rest = request; !rest.IsEmpty;)
        {
            rest = rest[await _socket.SendAsync(rest, cancellationToken)..];
        }

        var length = 0;
        ResponseHead head;
        do
        {
            length += await ReceiveAsync(length, cancellationToken);
        }
        while (!ResponseHead.TryRead(_buffer.AsSpan(0, length), out head));
        await ReadBodyAsync(head, length - head.Length, cancellationToken);
        return head.Status;
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReadBodyAsync(ResponseHead head, int received, CancellationToken cancellationToken)
    {
        if (head is { IsChunked: false, ContentLength: < 0 })
        {
            throw new InvalidDataException("The answer does not say how long it is.");
        }

        if (!head.IsChunked)
        {
            for (var left = head.ContentLength - received; left > 0;)
            {
                left -= await ReceiveAsync(0, cancellationToken);
            }

            return;
        }

        _discarded = _discarded.Length == 0 ? new byte[_buffer.Length] : _discarded;
        var body = default(ChunkedBody);
        body.Decode(_buffer.AsSpan(head.Length, received), _discarded);
        while (!body.IsOver)
        {
            var count = await ReceiveAsync(0, cancellationToken);
            body.Decode(_buffer.AsSpan(0, count), _discarded);
        }
    }

    private async ValueTask<int> ReceiveAsync(int at, CancellationToken cancellationToken)
    {
        if (at == _buffer.Length)
        {
            throw new InvalidDataException("The answer's head is too long.");
        }

        var count = await _socket.ReceiveAsync(_buffer.AsMemory(at), cancellationToken);
        return count > 0 ? count : throw new IOException("The server closed the connection.");
    }
}
