using System.Net;
using Zilla.Config.Plans;
using Zilla.Edge.Limits;
using Zilla.Edge.Telemetry;

namespace Zilla.Edge.Listeners;

/// <summary>A change of a <see cref="ListenerSet"/> that is sure to be possible. Disposed without commit it leaves everything as it was.</summary>
public sealed class PreparedListeners : IDisposable
{
    private readonly ListenerSet _set;
    private bool _committed;

    internal PreparedListeners(ListenerSet set, IReadOnlyDictionary<IPEndPoint, string> wanted, IReadOnlyDictionary<string, ConnectionLimiter> limiters, IReadOnlyList<ListenerPlan> plans) =>
        (_set, Wanted, Limiters, Plans) = (set, wanted, limiters, plans);

    internal IReadOnlyDictionary<IPEndPoint, string> Wanted { get; }

    /// <summary>By binding; those that there were already among them.</summary>
    internal IReadOnlyDictionary<string, ConnectionLimiter> Limiters { get; }

    internal IReadOnlyList<ListenerPlan> Plans { get; }

    /// <summary>Of those bindings whose connections are counted as streams.</summary>
    internal IReadOnlyDictionary<string, StreamMetrics> Metrics { get; init; } = new Dictionary<string, StreamMetrics>();

    internal List<Listener> Opened { get; } = [];

    /// <summary>Opens what is new and closes what is no longer wanted; the task ends when the closed listeners' connections have gone.</summary>
    /// <exception cref="PortUnavailableException">The system refused to listen after all; nothing has changed.</exception>
    public Task Commit()
    {
        var draining = _set.Commit(this);
        _committed = true;
        return draining;
    }

    public void Dispose()
    {
        if (!_committed)
        {
            Opened.ForEach(l => l.Discard());
            Opened.Clear();
        }
    }
}
