using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Zilla.Load.Http;

/// <summary>A URL in which <c>{key}</c> may stand, and the requests to it, as bytes.</summary>
internal sealed class Target
{
    private readonly Uri _url;
    private readonly string _path;

    public Target(string url)
    {
        _url = Uri.TryCreate(url.Replace("{key}", "0", StringComparison.Ordinal), UriKind.Absolute, out var parsed) ? parsed : throw new FormatException($"'{url}' is not a URL.");
        var start = url.IndexOf('/', url.IndexOf("://", StringComparison.Ordinal) + 3);
        _path = start < 0 ? "/" : url[start..];
    }

    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Parse(_url.Host), _url.Port, cancellationToken);
        return socket;
    }

    /// <summary>Head of a request, its end included.</summary>
    public byte[] Request(string method, string key, int bodyLength = 0, string accept = "*/*") => Encoding.ASCII.GetBytes(
        $"{method} {_path.Replace("{key}", key, StringComparison.Ordinal)} HTTP/1.1\r\nHost: {_url.Authority}\r\nAccept: {accept}\r\n"
        + (method == "GET" ? "\r\n" : $"Content-Type: application/json\r\nContent-Length: {bodyLength}\r\n\r\n"));
}
