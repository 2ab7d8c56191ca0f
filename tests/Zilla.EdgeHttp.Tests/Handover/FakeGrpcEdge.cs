using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Zilla.Edge.Http;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Handover;

/// <summary>Stands where a gRPC edge takes requests that are handed over: HTTP/2 on a loopback port, whatever the path, with the limits of one.</summary>
internal sealed class FakeGrpcEdge : IAsyncDisposable
{
    private readonly WebApplication _app;

    public FakeGrpcEdge(RequestDelegate serve)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ServerLimits.Apply(kestrel, new HttpServerOptions());
            kestrel.Listen(IPAddress.Loopback, Port, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        _app = builder.Build();
        _app.Map("{**path}", serve);
    }

    public int Port { get; } = FreePort.Next();

    public Task StartAsync() => _app.StartAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
