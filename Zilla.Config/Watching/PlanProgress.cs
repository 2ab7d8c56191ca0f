using Zilla.Config.Plans;

namespace Zilla.Config.Watching;

/// <summary>A plan with the epoch its revision counts in (<c>plans.proto</c>). This is also what is kept on disk.</summary>
internal sealed record VersionedPlan(string Epoch, ServicePlan Plan);

/// <summary>How far this service has come with its plans. Written by the watcher alone, read by the health check.</summary>
internal sealed class PlanProgress
{
    private volatile PlanStatus _status = new(null, null, null);

    public PlanStatus Status => _status;

    public VersionedPlan? Applied => _status.Applied;

    public void Apply(VersionedPlan plan) => _status = new(plan, null, null);

    public void Refuse(long revision, string reason) => _status = _status with { RefusedRevision = revision, Reason = reason };

    /// <summary>Why there is nothing to apply.</summary>
    public void Lack(string reason) => _status = _status.Applied is null && _status.RefusedRevision is null ? _status with { Reason = reason } : _status;
}

/// <param name="Applied">In force; null = none yet.</param>
/// <param name="RefusedRevision">Set while a newer plan than <paramref name="Applied"/> is refused.</param>
/// <param name="Reason">Why it is refused, or why nothing is applied.</param>
internal sealed record PlanStatus(VersionedPlan? Applied, long? RefusedRevision, string? Reason);
