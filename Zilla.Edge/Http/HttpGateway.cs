using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Zilla.Edge.Http.Problems;
using Zilla.Edge.Listeners;

namespace Zilla.Edge.Http;

/// <summary>The http servers of an edge: Kestrel behind the listeners of the plan.</summary>
public static class HttpGateway
{
    /// <summary>Has Kestrel serve what comes in through the listeners.</summary>
    /// <param name="builder">The edge.</param>
    /// <param name="before">Makes the target that stands between TLS and Kestrel, which it is given, and takes what is not for Kestrel.</param>
    public static WebApplicationBuilder AddHttpGateway(this WebApplicationBuilder builder, Func<IServiceProvider, IConnectionTarget, IConnectionTarget> before)
    {
        builder.Services.AddKestrelHandover(before);
        builder.Services.AddOptions<HttpServerOptions>().Bind(builder.Configuration.GetSection(HttpServerOptions.Section));
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<HttpServerOptions>>((kestrel, options) => ServerLimits.Apply(kestrel, options.Value));
        builder.Services.AddHostedService<Refusals>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(KestrelHandover.Http1, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.Use(Refusals.Watch);
            });
            kestrel.Listen(KestrelHandover.Http2, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        return builder;
    }

    /// <summary>Serves the endpoints of the plan's prometheus exporters; before anything that serves what comes in through listeners.</summary>
    /// <param name="app">The edge.</param>
    /// <param name="answer">Answers a scrape.</param>
    public static IApplicationBuilder UseMetricsExporters(this IApplicationBuilder app, ScrapeAnswer answer) => app.UseMiddleware<MetricsMiddleware>(answer);

    /// <summary>Adds the health check "listeners": where clients find the edge.</summary>
    /// <param name="services">Where to add it.</param>
    /// <param name="data">The key of the check's data under which addresses are looked for.</param>
    /// <param name="scheme">Of an address.</param>
    public static IServiceCollection AddListenersHealthCheck(this IServiceCollection services, string data, SchemeOf scheme)
    {
        services.AddHealthChecks().Add(new("listeners", p => ActivatorUtilities.CreateInstance<ListenersHealthCheck>(p, data, scheme), null, null));
        return services;
    }
}
