using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Streams.Lanes;

namespace Zilla.Streams.Tests.Network;

/// <summary>A real Kestrel on the loopback interface that serves lanes, or whatever else a test maps.</summary>
internal sealed class LaneHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LaneHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static Task<LaneHost> StartAsync<TAcceptor>(TAcceptor acceptor, LaneOptions? options = null, int port = 0)
        where TAcceptor : class, IStreamAcceptor =>
        StartAsync(
            services => services.AddSingleton(acceptor).AddStreamAcceptor<TAcceptor>(o => o.Lane = options ?? new()),
            app => app.MapStreams(),
            port);

    public static async Task<LaneHost> StartAsync(Action<IServiceCollection> services, Action<WebApplication> map, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        services(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new(app);
    }

    public ReplicaConnection Connect(int lanes = 1, LaneOptions? options = null) =>
        new(new() { Address = Address, Lanes = lanes, Lane = options ?? new() }, NullLoggerFactory.Instance);

    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
