using Microsoft.Extensions.Configuration.Memory;
using Zilla.Control.Exchange;
using Zilla.Control.Instances;
using Zilla.Control.Page;
using Zilla.Control.Publishing;
using Zilla.Control.Sources;
using Zilla.Control.Status;

namespace Zilla.Control;

/// <summary>Puts Control together.</summary>
internal static class ControlSetup
{
    private const int MaxReportBytes = 64 * 1024;

    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["Kestrel:Endpoints:Grpc:Url"] = "http://127.0.0.1:0",
        ["Kestrel:Endpoints:Grpc:Protocols"] = "Http2",
    };

    public static void AddControl(this WebApplicationBuilder builder)
    {
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });

        // So that a service which has silently gone is not shown as connected.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxReportBytes);
        builder.Services.AddHealthChecks().AddCheck<PublicationHealthCheck>("configuration").AddCheck<PageHealthCheck>("page");
        builder.Services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, StatusJson.Default));

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddEventLog();
        builder.Services.AddSingleton(ControlOptions.Read(builder.Configuration));
        builder.Services.AddSingleton<Telemetry>();
        builder.Services.AddSingleton<InstanceBoard>();
        builder.Services.AddSingleton<RevisionFile>();
        builder.Services.AddSingleton<PutFile>();
        builder.Services.AddSingleton<PublicationHolder>();
        builder.Services.AddSingleton<ConfigurationPublisher>();
        builder.Services.AddSingleton(ConfigurationFeed.Create);
        builder.Services.AddSingleton<ConfigToken>();
        builder.Services.AddSingleton<ConfigWaiters>();
        builder.Services.AddHostedService<ConfigurationWorker>();
    }

    public static void MapControl(this WebApplication app)
    {
        app.MapGrpcService<PlansService>().RequireChannelKey();
        app.MapStatus();
        app.MapConfig();
        app.MapPage();
    }
}
