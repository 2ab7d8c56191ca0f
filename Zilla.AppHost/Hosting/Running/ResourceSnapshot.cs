using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Running;

/// <summary>The words the dashboard knows, so that it can give each its icon.</summary>
internal enum ResourceState
{
    NotStarted,
    Waiting,
    Starting,
    Running,
    Stopping,
    Exited,
    Finished,
    FailedToStart,
}

internal enum HealthStatus
{
    Healthy,
    Degraded,
    Unhealthy,
}

/// <summary>The outcome of one check; no status until it was made.</summary>
internal sealed record HealthReport(string Name, HealthStatus? Status, string? Description = null, DateTimeOffset? At = null);

/// <summary>A resource, or one instance of it, as it is at one moment.</summary>
internal sealed record ResourceSnapshot(string Name, Resource Resource)
{
    /// <summary>The process behind it; null for what does not run here.</summary>
    public ResourceInstance? Instance { get; init; }

    public ResourceState State { get; init; } = ResourceState.NotStarted;

    public int? ProcessId { get; init; }

    public int? ExitCode { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? StoppedAt { get; init; }

    public IReadOnlyList<HealthReport> Health { get; init; } = [];

    /// <summary>Addresses it serves clients at.</summary>
    public IReadOnlyList<string> ClientUrls { get; init; } = [];

    public bool IsHealthy => State == ResourceState.Running && Health.All(h => h.Status is HealthStatus.Healthy or HealthStatus.Degraded);

    public bool IsOver => State is ResourceState.Exited or ResourceState.Finished or ResourceState.FailedToStart;

    public bool IsHidden => Resource.All<HiddenAnnotation>().Any();
}
