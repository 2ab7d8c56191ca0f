using Zilla.Config.Plans;
using Zilla.Config.Watching;

namespace Zilla.Config.Events;

/// <summary>Whether events are told: as long as the configuration in force has an exporter of type stdout (reference §3.6).</summary>
public sealed class EventSwitch : IPlanFollower
{
    private volatile string? _namespace;

    /// <summary>Of the configuration; null = events are not told.</summary>
    public string? Namespace => _namespace;

    /// <inheritdoc/>
    public void Follow(ServicePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _namespace = plan.Events == true ? plan.Namespace : null;
    }
}
