using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Zilla.EdgeMqtt.WebSockets;

/// <summary>A WebSocket as the connection that it carries (§6).</summary>
internal sealed class WebSocketConnection : ConnectionContext
{
    private readonly HttpContext _http;
    private readonly WebSocket _socket;
    private readonly WebSocketInput _input;
    private readonly Task _reading;

    public WebSocketConnection(HttpContext http, WebSocket socket)
    {
        (_http, _socket, _input) = (http, socket, new WebSocketInput(socket));
        ConnectionId = http.Connection.Id;
        ConnectionClosed = http.RequestAborted;
        Transport = new Pipes(_input.Reader, PipeWriter.Create(new WebSocketOutput(socket), new StreamPipeWriterOptions(leaveOpen: true)));
        _reading = _input.RunAsync();
    }

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features => _http.Features;

    public override IDictionary<object, object?> Items
    {
        get => _http.Items;
        set => _http.Items = value;
    }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? RemoteEndPoint
    {
        get => _http.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, _http.Connection.RemotePort) : null;
        set => throw new NotSupportedException();
    }

    public override void Abort(ConnectionAbortedException abortReason) => _http.Abort();

    /// <summary>Sends the close frame and waits for the client's, as long as whoever watches over the connection allows.</summary>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _socket.CloseOutputAsync(_input.Status, null, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            _socket.Abort();
        }

        await _reading;
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
