using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Running;

/// <summary>Brings one instance up when what it waits for is healthy, watches its health, and obeys start, stop and restart.</summary>
internal sealed class InstanceRunner : IDisposable
{
    private static readonly TimeSpan BeforeHealthy = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WhenHealthy = TimeSpan.FromSeconds(2);

    private readonly IOrchestrator _orchestrator;
    private readonly ResourceCatalog _catalog;
    private readonly HealthProbe _probe;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _command = new(1, 1);

    /// <summary>Cancelled by the first command: from then on the user decides when it starts.</summary>
    private readonly CancellationTokenSource _waiting = new();
    private ResourceSnapshot _snapshot;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public InstanceRunner(ResourceInstance instance, IOrchestrator orchestrator, ResourceCatalog catalog, HealthProbe probe, TimeProvider time)
    {
        (Instance, _orchestrator, _catalog, _probe, _time) = (instance, orchestrator, catalog, probe, time);
        _snapshot = new ResourceSnapshot(instance.Name, instance.Resource) { Instance = instance, CreatedAt = time.GetUtcNow() };
        _catalog.Publish(_snapshot);
    }

    public ResourceInstance Instance { get; }

    public ResourceSnapshot Snapshot
    {
        get
        {
            lock (_gate)
            {
                return _snapshot;
            }
        }
    }

    /// <summary>Waits for the dependencies, starts, and then looks after the health until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(StartWhenReadyAsync(cancellationToken), WatchHealthAsync(cancellationToken));
    }

    /// <summary>Starts now, whatever it should have waited for. Does nothing if it runs.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _waiting.Cancel();
        await ExclusiveAsync(() => StartCoreAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Stops, and returns when it is over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Cancel();
        await ExclusiveAsync(() => StopCoreAsync(cancellationToken), cancellationToken);
    }

    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        _waiting.Cancel();
        await ExclusiveAsync(async () =>
        {
            await StopCoreAsync(cancellationToken);
            await StartCoreAsync(cancellationToken);
        }, cancellationToken);
    }

    /// <summary>Takes over what the orchestrator says of the process.</summary>
    public void OnStatus(ProcessStatus status) => Update(s => s with
    {
        State = status.State switch
        {
            ProcessState.Starting => ResourceState.Starting,
            ProcessState.Running => ResourceState.Running,
            ProcessState.Stopping => ResourceState.Stopping,
            ProcessState.FailedToStart => ResourceState.FailedToStart,
            _ => status.ExitCode is null or 0 ? ResourceState.Finished : ResourceState.Exited,
        },
        ProcessId = status.ProcessId,
        ExitCode = status.ExitCode,
        StartedAt = status.StartedAt,
        StoppedAt = status.EndedAt,
        Health = status.State != ProcessState.Running ? [] : s.State == ResourceState.Running ? s.Health : Unknown(),
        ClientUrls = status.State == ProcessState.Running ? s.ClientUrls : [],
    });

    public void Dispose()
    {
        _waiting.Dispose();
        _command.Dispose();
    }

    private IReadOnlyList<HealthReport> Unknown() => Instance.HealthAddress is { } address ? [new HealthReport(address.AbsolutePath.Trim('/'), null)] : [];

    private async Task StartWhenReadyAsync(CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _waiting.Token);
        try
        {
            if (Instance.Resource.All<WaitAnnotation>().Any())
            {
                Update(s => s with { State = ResourceState.Waiting });
                await Task.WhenAll(Instance.Resource.All<WaitAnnotation>().Select(w => _catalog.WaitUntilHealthyAsync(w.Resource, waiting.Token)));
            }

            await ExclusiveAsync(() => StartCoreAsync(cancellationToken), waiting.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Stopped, or started by hand, while it waited.
        }
        catch (Exception failed) when (failed is IOException or HttpRequestException)
        {
            // The snapshot says so; a later command may do better.
        }
    }

    private async Task StartCoreAsync(CancellationToken cancellationToken)
    {
        if (Snapshot.State is ResourceState.Starting or ResourceState.Running)
        {
            return;
        }

        Update(s => s with { State = ResourceState.Starting, StartedAt = null, StoppedAt = null, ExitCode = null });
        try
        {
            await _orchestrator.StartAsync(Instance, cancellationToken);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Update(s => s with { State = ResourceState.FailedToStart, StoppedAt = _time.GetUtcNow(), Health = [new("start", HealthStatus.Unhealthy, failed.Message)] });
            throw;
        }
    }

    private async Task StopCoreAsync(CancellationToken cancellationToken)
    {
        if (Snapshot.State is ResourceState.NotStarted or ResourceState.Waiting)
        {
            Update(s => s with { State = ResourceState.NotStarted });
            return;
        }

        if (Snapshot.IsOver)
        {
            return;
        }

        Update(s => s with { State = ResourceState.Stopping });
        await _orchestrator.StopAsync(Instance.Name, cancellationToken);
        while (!Snapshot.IsOver)
        {
            Task changed;
            lock (_gate)
            {
                changed = _snapshot.IsOver ? Task.CompletedTask : _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private async Task WatchHealthAsync(CancellationToken cancellationToken)
    {
        while (Instance.HealthAddress is { } address)
        {
            if (Snapshot.State == ResourceState.Running)
            {
                var result = await _probe.CheckAsync(address, cancellationToken);
                Update(s => s.State == ResourceState.Running ? s with { Health = result.Reports, ClientUrls = result.ClientUrls } : s);
            }

            await Task.Delay(Snapshot.IsHealthy ? WhenHealthy : BeforeHealthy, _time, cancellationToken);
        }
    }

    private async Task ExclusiveAsync(Func<Task> action, CancellationToken cancellationToken)
    {
        await _command.WaitAsync(cancellationToken);
        try
        {
            await action();
        }
        finally
        {
            _command.Release();
        }
    }

    private void Update(Func<ResourceSnapshot, ResourceSnapshot> change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _snapshot = change(_snapshot);
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _catalog.Publish(_snapshot);
        }

        changed.TrySetResult();
    }
}
