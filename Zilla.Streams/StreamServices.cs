using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Zilla.Streams.Network;

namespace Zilla.Streams;

/// <summary>The server side of the frame protocol in an ASP.NET Core host. Which endpoint serves it (HTTP/2) is the host's to configure.</summary>
public static class StreamServices
{
    /// <summary>HTTP/2 windows must not be what limits a lane: its own credit is.</summary>
    private const int Http2Window = 2 * 1024 * 1024;

    /// <summary>Registers <typeparamref name="TAcceptor"/> (one instance) for what others open towards this service.</summary>
    public static IServiceCollection AddStreamAcceptor<TAcceptor>(this IServiceCollection services, Action<StreamServerOptions>? configure = null)
        where TAcceptor : class, IStreamAcceptor
    {
        services.AddOptions<StreamServerOptions>().Configure(configure ?? (_ => { }));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TAcceptor>();
        services.TryAddSingleton<IStreamAcceptor>(provider => provider.GetRequiredService<TAcceptor>());
        services.TryAddSingleton<LaneService>();

        // In place of the server's.
        services.AddSingleton<IMemoryPoolFactory<byte>, LaneBlocks>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<LaneService>, LaneServiceMethods>());
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.Limits.Http2.InitialStreamWindowSize = Math.Max(kestrel.Limits.Http2.InitialStreamWindowSize, Http2Window);
            kestrel.Limits.Http2.InitialConnectionWindowSize = Math.Max(kestrel.Limits.Http2.InitialConnectionWindowSize, 2 * Http2Window);

            // An edge that vanished without a word must not hold its streams; the host's own setting wins.
            if (kestrel.Limits.Http2.KeepAlivePingDelay == TimeSpan.MaxValue)
            {
                kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(5);
                kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
            }
        });
        services.AddGrpc().AddServiceOptions<LaneService>(grpc =>
        {
            grpc.MaxReceiveMessageSize = LaneMethod.MaxMessage;
            grpc.MaxSendMessageSize = LaneMethod.MaxMessage;
        });
        return services;
    }

    /// <summary>Serves the lanes of others. <see cref="AddStreamAcceptor"/> comes first.</summary>
    public static GrpcServiceEndpointConventionBuilder MapStreams(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.ServiceProvider.GetService<LaneService>() is null
            ? throw new InvalidOperationException($"Call services.{nameof(AddStreamAcceptor)}<T>() before {nameof(MapStreams)}().")
            : endpoints.MapGrpcService<LaneService>();
    }
}
