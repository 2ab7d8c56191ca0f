using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Zilla.EdgeMqtt.WebSockets;

/// <summary>A WebSocket as the connection that it carries: its binary messages, one behind the other, are a stream of bytes (§6).</summary>
internal sealed class WebSocketConnection : ConnectionContext
{
    private readonly HttpContext _http;
    private readonly WebSocketStream _stream;

    public WebSocketConnection(HttpContext http, WebSocket socket)
    {
        (_http, _stream) = (http, new WebSocketStream(socket));
        ConnectionId = http.Connection.Id;
        ConnectionClosed = http.RequestAborted;
        Transport = new Pipes(
            PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true)),
            PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true)));
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

    /// <summary>Says goodbye (a close frame), as far as the client still listens.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _stream.CloseAsync();
        await _stream.DisposeAsync();
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
