using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;
using Zilla.Edge.Guards;
using Zilla.Edge.Limits;
using Zilla.Edge.Listeners;
using Zilla.Edge.Plans;
using Zilla.Edge.Proxy;
using Zilla.Edge.Tls;
using Zilla.Streams;

namespace Microsoft.Extensions.DependencyInjection;

public static class EdgeServiceCollectionExtensions
{
    /// <summary>
    /// Adds what every edge has: listeners as the plan of <paramref name="service"/> says, the way to the cache replicas
    /// (<c>services:kafka-cache:grpc:N</c>: <c>http://host:port</c> for one, <c>dns:///host:port</c> for all that the name has), the plan watcher, and the health checks "plan" and "cache". The edge itself adds an
    /// <see cref="IConnectionTarget"/>.
    /// </summary>
    public static IServiceCollection AddEdge<TApplier, TModel>(this IHostApplicationBuilder builder, string service, TModel initial)
        where TApplier : EdgePlanApplier<TModel>
        where TModel : class
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddOptions<ListenerOptions>().Bind(configuration.GetSection("Zilla:Edge")).Configure(o => o.Suite = Suite(configuration));
        services.AddOptions<CacheOptions>().Bind(configuration.GetSection("Zilla:Edge:Cache"));
        services.AddOptions<GuardOptions>().Bind(configuration.GetSection("Zilla:Edge:Guards"));
        services.AddOptions<LimitOptions>().Bind(configuration.GetSection("Zilla:Edge:Limits"));
        services.AddSingleton<GuardCompiler>();
        services.AddSingleton<RequestLimiters>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.AddSingleton(new EdgeState<TModel>(initial));
        services.AddSingleton<ListenerSet>();
        services.AddSingleton(new EdgeState<ProxyModel>(ProxyModel.Empty));
        services.AddSingleton<TlsState>();
        services.AddHostedService(p => p.GetRequiredService<TlsState>());
        var instance = InstanceName.Of(configuration, service);
        var addresses = CacheReplica.Addresses(configuration).ToLookup(address => address.Scheme == ReplicaDiscovery.Scheme);
        ICacheReplica Connect(IServiceProvider p, Uri address) =>
            CacheReplica.Connect(address, instance, p.GetService<Func<SocketsHttpHandler, HttpMessageHandler>>(), p.GetRequiredService<ILoggerFactory>(), p.GetRequiredService<TimeProvider>());
        foreach (var address in addresses[false])
        {
            services.AddSingleton(p => Connect(p, address));
        }

        services.AddSingleton<CacheReplicas>();
        services.AddHostedService(p => new ReplicaDiscovery(
            [.. addresses[true]], p.GetRequiredService<CacheReplicas>(), address => Connect(p, address), Dns.GetHostAddressesAsync,
            p.GetRequiredService<IOptions<CacheOptions>>().Value.DiscoveryInterval, p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<ReplicaDiscovery>>()));
        services.AddSingleton<CacheClient>();
        services.AddHostedService<ListenerShutdown>();
        services.AddHealthChecks().AddCheck<CacheHealthCheck>("cache");
        services.AddPlanWatcher<TApplier>(service);
        return services;
    }

    /// <summary>Replicas of one suite keep their state in folders of one folder, so that its path tells suites apart as well as an id does.</summary>
    private static string? Suite(IConfiguration configuration) =>
        configuration["Zilla:Suite"] ?? (configuration["Zilla:StateDirectory"] is { Length: > 0 } state ? Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(state))) : null);

    /// <summary>Has the accepted connections served by Kestrel, HTTP/1.1 and HTTP/2 on the same port.</summary>
    /// <param name="services">Where to add it.</param>
    /// <param name="before">Makes the target that stands between TLS and Kestrel, which it is given, and takes what is not for Kestrel.</param>
    public static IServiceCollection AddKestrelHandover(this IServiceCollection services, Func<IServiceProvider, IConnectionTarget, IConnectionTarget> before)
    {
        services.AddSingleton<KestrelHandover>();
        services.AddSingleton<IConnectionTarget>(p => ActivatorUtilities.CreateInstance<ProxyTermination>(
            p, new AddressAdmission(ActivatorUtilities.CreateInstance<TlsTermination>(p, before(p, p.GetRequiredService<KestrelHandover>())))));
        services.AddSingleton<IConnectionListenerFactory>(p => p.GetRequiredService<KestrelHandover>());
        return services;
    }
}
