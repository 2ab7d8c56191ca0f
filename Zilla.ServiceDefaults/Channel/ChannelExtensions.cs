using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Zilla.ServiceDefaults.Channel;

namespace Microsoft.Extensions.Hosting;

/// <summary>What services have between themselves: lanes and plans, by gRPC.</summary>
public static class ChannelExtensions
{
    /// <summary>Has calls of these endpoints carry the key of <c>Zilla:Channel</c> where there is one; others are answered with UNAUTHENTICATED.</summary>
    public static TBuilder RequireChannelKey<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is { } serve)
            {
                endpoint.RequestDelegate = endpoint.ApplicationServices.GetRequiredService<ChannelGate>().Before(serve);
            }
        });
        return endpoints;
    }

    /// <summary>
    /// Adds both sides of the channel. What dials finds <c>Func&lt;SocketsHttpHandler, HttpMessageHandler&gt;</c> among the services, so that it need not
    /// know about keys and certificates.
    /// </summary>
    internal static void AddChannel(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => ChannelOptions.Read(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<ChannelKeys>();
        services.AddSingleton<ChannelCertificates>();
        services.AddSingleton<ChannelRefusals>();
        services.AddSingleton<ChannelGate>();
        services.AddSingleton<ChannelClient>();
        services.AddSingleton<Func<SocketsHttpHandler, HttpMessageHandler>>(provider => provider.GetRequiredService<ChannelClient>().Equip);
        services.AddHostedService<ChannelCheck>();
        if (builder is WebApplicationBuilder web)
        {
            web.WebHost.UseKestrelHttpsConfiguration();
            services.AddOptions<KestrelServerOptions>().Configure<ChannelCertificates>((kestrel, certificates) => kestrel.ConfigureHttpsDefaults(certificates.Apply));
        }
    }
}
