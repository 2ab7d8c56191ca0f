using Zilla.AppHost.Hosting.Dashboard;
using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Reporting;

/// <summary>Tells the user, in few lines, what has come up, where it is, and what has not.</summary>
internal sealed class ConsoleReport(TextWriter output, ApplicationPlan plan, IOrchestrator orchestrator, string? loginLink, TimeProvider time)
{
    private const int LastLines = 15;
    private static readonly TimeSpan StartGrace = TimeSpan.FromSeconds(8);

    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);
    private bool _complete;

    public async Task RunAsync(ResourceCatalog catalog, CancellationToken cancellationToken)
    {
        try
        {
            using var watch = catalog.Watch();
            foreach (var snapshot in watch.Initial)
            {
                await TellAsync(snapshot, catalog, cancellationToken);
            }

            await foreach (var snapshot in watch.Changes.ReadAllAsync(cancellationToken))
            {
                await TellAsync(snapshot, catalog, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task TellAsync(ResourceSnapshot snapshot, ResourceCatalog catalog, CancellationToken cancellationToken)
    {
        var words = snapshot.IsHidden ? WordsForDashboard(snapshot) : WordsFor(snapshot);
        if (words is not null && _said.GetValueOrDefault(snapshot.Name) != words)
        {
            _said[snapshot.Name] = words;
            await output.WriteLineAsync($"  {(snapshot.IsHidden ? "dashboard" : snapshot.Name),-16} {words}");
            if (snapshot.State is ResourceState.Exited or ResourceState.FailedToStart)
            {
                await TellLastLinesAsync(snapshot, cancellationToken);
            }
        }

        if (!_complete && catalog.All().All(s => s.IsHealthy))
        {
            _complete = true;
            await output.WriteLineAsync();
            await output.WriteLineAsync("Everything is up. Press Ctrl+C to stop.");
        }
    }

    /// <summary>Null while there is nothing to say.</summary>
    private string? WordsFor(ResourceSnapshot snapshot) => snapshot switch
    {
        { Resource: ParameterResource parameter } => parameter.Value,
        { Resource: ExternalKafkaResource { BootstrapServers: null } } => "the configuration names its own servers",
        { State: ResourceState.Running, IsHealthy: true } => string.Join("  ", ["healthy", .. AddressesOf(snapshot), .. ReservationsOf(snapshot)]),
        { Resource: ExternalKafkaResource, Health.Count: > 0 } => snapshot.Health[0].Description,
        { State: ResourceState.Waiting } => $"waits for {string.Join(", ", snapshot.Resource.All<WaitAnnotation>().Select(w => w.Resource.Name))}",
        { State: ResourceState.Exited } => $"exited with code {snapshot.ExitCode}",
        { State: ResourceState.Finished } => "stopped",
        { State: ResourceState.FailedToStart } => $"failed to start: {snapshot.Health.FirstOrDefault()?.Description ?? snapshot.Instance?.Program}",
        { State: ResourceState.Running } when IsWorthTelling(snapshot) =>
            "not healthy: " + string.Join("; ", snapshot.Health.Where(h => h.Status == HealthStatus.Unhealthy).Select(h => $"{h.Name}: {h.Description}")),
        _ => null,
    };

    /// <summary>Not while it has just started: then it is only not healthy yet.</summary>
    private bool IsWorthTelling(ResourceSnapshot snapshot) =>
        _said.GetValueOrDefault(snapshot.Name)?.StartsWith("healthy", StringComparison.Ordinal) == true || time.GetUtcNow() - snapshot.StartedAt > StartGrace;

    private string? WordsForDashboard(ResourceSnapshot snapshot) => snapshot switch
    {
        { IsHealthy: true } => loginLink,
        { State: ResourceState.Exited or ResourceState.FailedToStart } => "did not start",
        _ => null,
    };

    private IEnumerable<string> AddressesOf(ResourceSnapshot snapshot) => plan.BootstrapServers(snapshot.Resource) is { } servers
        ? [servers]
        : snapshot.ClientUrls.Select(ResourceUrls.ForBrowser);

    /// <summary>Such as a change of the configuration that is refused while the one before it is served.</summary>
    private static IEnumerable<string> ReservationsOf(ResourceSnapshot snapshot) =>
        snapshot.Health.Where(h => h.Status == HealthStatus.Degraded).Select(h => $"but {h.Name}: {h.Description}");

    private async Task TellLastLinesAsync(ResourceSnapshot snapshot, CancellationToken cancellationToken)
    {
        var last = new Queue<string>();
        await foreach (var line in orchestrator.ReadLogsAsync(snapshot.Name, follow: false, cancellationToken))
        {
            last.Enqueue(line.Text);
            if (last.Count > LastLines)
            {
                last.Dequeue();
            }
        }

        foreach (var line in last)
        {
            await output.WriteLineAsync($"    | {line}");
        }
    }
}
