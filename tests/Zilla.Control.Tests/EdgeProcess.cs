using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zilla.Config.Plans;
using Zilla.Config.Watching;

namespace Zilla.Control.Tests;

/// <summary>A service that watches its plan and does nothing else.</summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    private readonly IHost _host;

    private EdgeProcess(IHost host) => _host = host;

    public Notes Notes => _host.Services.GetRequiredService<Notes>();

    public static async Task<EdgeProcess> StartAsync(int control, string service = ServiceNames.EdgeHttp, string? state = null, Func<ServicePlan, string?>? objection = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:control:grpc:0"] = $"http://127.0.0.1:{control}",
            ["Zilla:Instance"] = $"{service}-0",
            ["Zilla:StateDirectory"] = state,
        });
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddSingleton(new Notes { Objection = objection ?? (_ => null) });
        builder.Services.AddPlanWatcher<Notes>(service);
        var host = builder.Build();
        await host.StartAsync();
        return new EdgeProcess(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

internal sealed class Notes : IPlanApplier
{
    private volatile ServicePlan[] _plans = [];

    public Func<ServicePlan, string?> Objection { get; init; } = _ => null;

    public IReadOnlyList<ServicePlan> Plans => _plans;

    public Task ApplyAsync(ServicePlan plan, CancellationToken cancellationToken)
    {
        if (Objection(plan) is { } reason)
        {
            throw new PlanRefusedException(reason);
        }

        _plans = [.. _plans, plan];
        return Task.CompletedTask;
    }
}
