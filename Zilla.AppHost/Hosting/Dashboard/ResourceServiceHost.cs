using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>Serves the resource service on a loopback port, to those who know the key.</summary>
internal static class ResourceServiceHost
{
    private const string KeyHeader = "x-resource-service-api-key";

    public static async Task<WebApplication> StartAsync(
        int port, string key, SuiteRunner suite, ApplicationPlan plan, IOrchestrator orchestrator, CancellationToken cancellationToken)
    {
        // The empty builder: neither the user's environment nor a settings file may move this endpoint or open another.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(suite).AddSingleton(plan).AddSingleton(orchestrator);
        builder.Services.AddSingleton<IHostLifetime, SignalsAreOurs>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        app.Use((context, next) => IsKnown(context.Request.Headers[KeyHeader], key) ? next(context) : RefuseAsync(context));
        app.MapGrpcService<ResourceService>();
        await app.StartAsync(cancellationToken);
        return app;
    }

    private static bool IsKnown(string? given, string key) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given ?? ""), Encoding.UTF8.GetBytes(key));

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    /// <summary>Leaves SIGINT and SIGTERM to the AppHost as a whole.</summary>
    private sealed class SignalsAreOurs : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
