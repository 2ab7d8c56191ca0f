using System.ComponentModel;
using System.Diagnostics;
using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Running;

/// <summary>All instances of the plan, under one orchestrator.</summary>
internal sealed class SuiteRunner : IDisposable
{
    /// <summary>How long those that serve others wait for those they serve to end first.</summary>
    private static readonly TimeSpan PerLevel = TimeSpan.FromSeconds(2.5);

    private readonly ApplicationPlan _plan;
    private readonly IOrchestrator _orchestrator;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, InstanceRunner> _runners;

    public SuiteRunner(ApplicationPlan plan, IOrchestrator orchestrator, HealthProbe probe, TimeProvider time)
    {
        (_plan, _orchestrator, _time) = (plan, orchestrator, time);
        _runners = plan.Instances.ToDictionary(i => i.Name, i => new InstanceRunner(i, orchestrator, Catalog, probe, time), StringComparer.Ordinal);
        foreach (var resource in plan.Resources.Where(r => r is not ProcessResource))
        {
            Catalog.Publish(new ResourceSnapshot(resource.Name, resource) { State = ResourceState.Running, CreatedAt = time.GetUtcNow() });
        }

        orchestrator.Changed += OnChanged;
    }

    public ResourceCatalog Catalog { get; } = new();

    public InstanceRunner? Find(string instance) => _runners.GetValueOrDefault(instance);

    /// <summary>Starts everything in its order and keeps watch until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var externals = _plan.Resources.OfType<ExternalKafkaResource>().Where(k => k.BootstrapServers is not null)
            .Select(k => new ExternalKafkaMonitor(k, Catalog, _time).RunAsync(cancellationToken));
        await Task.WhenAll([.. _runners.Values.Select(r => RunOneAsync(r, cancellationToken)), .. externals]);
    }

    /// <summary>Stops those first that others do not depend on, so that an edge says goodbye to its clients while the cache is still there.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var level in StopOrder.Levels(_plan))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(PerLevel);
            await Task.WhenAll(level.SelectMany(_plan.InstancesOf).Select(i => TryStopAsync(_runners[i.Name], patience.Token)));
        }

        await _orchestrator.ShutdownAsync(cancellationToken);
    }

    /// <summary>Ends at once what would not end otherwise.</summary>
    public void Kill()
    {
        foreach (var running in Catalog.All().Where(s => s.ProcessId is not null && !s.IsOver))
        {
            try
            {
                using var process = Process.GetProcessById(running.ProcessId!.Value);
                process.Kill(entireProcessTree: true);
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It has ended after all.
            }
        }
    }

    public void Dispose()
    {
        _orchestrator.Changed -= OnChanged;
        foreach (var runner in _runners.Values)
        {
            runner.Dispose();
        }
    }

    private static async Task RunOneAsync(InstanceRunner runner, CancellationToken cancellationToken)
    {
        try
        {
            await runner.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static async Task TryStopAsync(InstanceRunner runner, CancellationToken cancellationToken)
    {
        try
        {
            await runner.StopAsync(cancellationToken);
        }
        catch (Exception slow) when (slow is OperationCanceledException or HttpRequestException or IOException)
        {
            // The shutdown at the end does not ask.
        }
    }

    private void OnChanged(ProcessStatus status) => Find(status.Name)?.OnStatus(status);
}
