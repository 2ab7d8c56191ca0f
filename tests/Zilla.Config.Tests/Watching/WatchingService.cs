using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zilla.Config.Plans;
using Zilla.Config.Watching;

namespace Zilla.Config.Tests.Watching;

/// <summary>A service as the suite has them: a host with a plan watcher, here with an applier that only takes notes.</summary>
internal sealed class WatchingService : IAsyncDisposable
{
    private readonly IHost _host;

    private WatchingService(IHost host) => _host = host;

    public RecordingApplier Applier => _host.Services.GetRequiredService<RecordingApplier>();

    /// <param name="control">Port of Control; null = none configured.</param>
    /// <param name="state">The state directory; null = none.</param>
    /// <param name="grace">How long to wait for Control before the kept plan is used; null = the default.</param>
    public static async Task<WatchingService> StartAsync(int? control, string? state = null, TimeSpan? grace = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:control:grpc:0"] = control is null ? null : $"http://127.0.0.1:{control}",
            ["Zilla:Instance"] = "edge-http-0",
            ["Zilla:StateDirectory"] = state,
            ["Kestrel:Endpoints:Http:Url"] = "http://127.0.0.1:1",
        });
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddPlanWatcher<RecordingApplier>(ServiceNames.EdgeHttp);
        if (grace is { } wait)
        {
            var options = builder.Services.Last(service => service.ServiceType == typeof(PlanWatcherOptions));
            builder.Services.AddSingleton(provider => ((PlanWatcherOptions)options.ImplementationFactory!(provider)) with { Grace = wait });
        }

        var host = builder.Build();
        await host.StartAsync();
        return new WatchingService(host);
    }

    public async Task<(HealthStatus Status, string Description)> HealthAsync()
    {
        var report = await _host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return (report.Entries["plan"].Status, report.Entries["plan"].Description ?? "");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

internal sealed class RecordingApplier : IPlanApplier
{
    private readonly Lock _gate = new();
    private readonly List<ServicePlan> _applied = [];

    /// <summary>What to throw for a plan; null = apply it.</summary>
    public Func<ServicePlan, Exception?> Objection { get; set; } = _ => null;

    public long[] Revisions
    {
        get
        {
            lock (_gate)
            {
                return [.. _applied.Select(plan => plan.Revision)];
            }
        }
    }

    public Task ApplyAsync(ServicePlan plan, CancellationToken cancellationToken)
    {
        if (Objection(plan) is { } objection)
        {
            throw objection;
        }

        lock (_gate)
        {
            _applied.Add(plan);
        }

        return Task.CompletedTask;
    }
}
