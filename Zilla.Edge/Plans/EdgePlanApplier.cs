using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Config.Watching;
using Zilla.Edge.Listeners;
using Zilla.Edge.Proxy;
using Zilla.Edge.Telemetry;
using Zilla.Edge.Tls;

namespace Zilla.Edge.Plans;

/// <summary>
/// Puts a plan in force: compiles it to a model, reads its vaults, binds new ports, and only when all have succeeded swaps the model and the listeners. What a
/// plan leaves alone keeps its sockets and connections.
/// </summary>
public abstract class EdgePlanApplier<TModel>(EdgeState<TModel> state, ListenerSet listeners, EdgeState<ProxyModel> proxy, TlsState tls) : IPlanApplier
    where TModel : class
{
    public async Task ApplyAsync(ServicePlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        try
        {
            var model = Compile(plan);
            var secrets = TlsState.Prepare(plan);
            var preambles = ProxyModel.Compile(plan);
            using var prepared = await listeners.PrepareAsync([.. plan.Listeners, .. MetricsListener.Of(plan)], Metrics(plan), cancellationToken);
            Enforce(model, preambles, secrets, prepared);
        }
        catch (Exception e) when (e is PortUnavailableException or FormatException)
        {
            throw new PlanRefusedException(e.Message, e);
        }
    }

    /// <summary>Compiles what the plan says.</summary>
    /// <exception cref="FormatException">The plan holds what this edge cannot do; the message names the binding.</exception>
    protected abstract TModel Compile(ServicePlan plan);

    private static Dictionary<string, StreamMetrics> Metrics(ServicePlan plan) =>
        plan.Bindings.OfType<TcpServerBinding>().Select(tcp => (tcp.Name, Metrics: StreamMetrics.Of(plan.Namespace, tcp)))
            .Where(tcp => tcp.Metrics is not null).ToDictionary(tcp => tcp.Name, tcp => tcp.Metrics!, StringComparer.Ordinal);

    private void Enforce(TModel model, ProxyModel preambles, TlsState.PreparedTls secrets, PreparedListeners prepared)
    {
        // First the model: a connection must not come in through a listener that the model does not know.
        var previous = state.Swap(model);
        var previousPreambles = proxy.Swap(preambles);
        var previousSecrets = tls.Swap(secrets);
        try
        {
            // Connections of closed listeners may take their time; the plan is in force now.
            _ = prepared.Commit();
        }
        catch
        {
            state.Swap(previous);
            proxy.Swap(previousPreambles);
            tls.Swap(previousSecrets);
            throw;
        }
    }
}
