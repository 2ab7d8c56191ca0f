using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Zilla.Suite.Tests.Faults;

/// <summary>A client that says over HTTP/1.1 exactly what it is told, and reads when it is told.</summary>
internal sealed class RawHttp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 << 10];
    private string _text = "";

    private RawHttp()
    {
    }

    /// <param name="port">On the loopback interface.</param>
    /// <param name="receiveBuffer">Bytes that the kernel may hold for this client; 0 = as many as it likes.</param>
    public static async Task<RawHttp> ConnectAsync(int port, int receiveBuffer = 0)
    {
        var client = new RawHttp();
        if (receiveBuffer > 0)
        {
            client._socket.ReceiveBufferSize = receiveBuffer;
        }

        await client._socket.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Reads until <paramref name="text"/> has come, and gives all up to it, the text included; whatever there was when the server closes.</summary>
    public async Task<string> ReadToAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Patience);
        int found;
        while ((found = _text.IndexOf(text, StringComparison.Ordinal)) < 0)
        {
            if (await ReadAsync(deadline.Token) == 0)
            {
                return _text;
            }
        }

        var read = _text[..(found + text.Length)];
        _text = _text[read.Length..];
        return read;
    }

    /// <summary>Reads until so many lines that begin with <paramref name="start"/> have come, and gives the rest of each.</summary>
    public async Task<List<string>> ReadLinesAsync(string start, int count)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var lines = new List<string>();
        while (lines.Count < count)
        {
            Assert.NotEqual(0, await ReadAsync(deadline.Token));
            var end = _text.LastIndexOf('\n');
            lines.AddRange(_text[..(end + 1)].Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..]));
            _text = _text[(end + 1)..];
        }

        return lines;
    }

    /// <summary>Closed at once: thousands of them must not linger.</summary>
    public void Dispose()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    private async ValueTask<int> ReadAsync(CancellationToken cancellationToken)
    {
        var count = await _socket.ReceiveAsync(_buffer, cancellationToken);
        _text += Encoding.UTF8.GetString(_buffer, 0, count);
        return count;
    }
}
