using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Edge.Guards;
using Zilla.Edge.Guards.X509;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Telemetry;
using Zilla.Edge.Tls;

namespace Zilla.Edge.Http;

/// <summary>
/// Compiles a plan's graph of bindings, from the listeners to the http servers and their routes; what these lead to is compiled by the edge that has it.
/// </summary>
public abstract class GatewayCompiler(ServicePlan plan, GatewayParts parts)
{
    private readonly Dictionary<string, BindingConfig> _bindings = plan.Bindings.ToDictionary(b => b.Name, StringComparer.Ordinal);
    private readonly GuardSet _guards = parts.Guards.Compile(plan);
    private readonly Dictionary<string, HttpServerModel> _servers = new(StringComparer.Ordinal);

    protected ServicePlan Plan => plan;

    /// <exception cref="FormatException">The plan holds what this edge cannot do; the message names the binding.</exception>
    public GatewayModel Compile()
    {
        var listeners = plan.Listeners.ToDictionary(l => l.Binding, l => Ports(l.Binding), StringComparer.Ordinal);
        foreach (var proxy in plan.Bindings.OfType<ProxyServerBinding>())
        {
            foreach (var exit in proxy.Routes.Select(r => r.Exit).Append(proxy.Exit).OfType<string>())
            {
                // What follows a PROXY preamble is known by the name of the exit that its route has.
                listeners[exit] = [Port(proxy.Name, [], exit)];
            }
        }

        return new(listeners)
        {
            Metrics = plan.Metrics,
            Handovers = (plan.Handovers ?? []).ToDictionary(name => name, name => Exit(name, Find<BindingConfig>(name, name)), StringComparer.Ordinal),
        };
    }

    private IReadOnlyList<PortRouteModel> Ports(string name)
    {
        var binding = Find<TcpServerBinding>(name, name);
        var routes = binding.Routes.Select(r => Port(name, r.Ports, r.Exit));
        return binding.Exit is { } exit ? [.. routes, Port(name, [], exit)] : [.. routes];
    }

    private PortRouteModel Port(string from, IReadOnlyList<int> ports, string exit)
    {
        if (Find<BindingConfig>(from, exit) is ProxyServerBinding)
        {
            return new PortRouteModel(ports, null, null) { BeginsWithPreamble = true };
        }

        if (_bindings[exit] is not TlsServerBinding tls)
        {
            return Other(_bindings[exit]) is { } other ? new PortRouteModel(ports, null, null) { Other = other }
                : new PortRouteModel(ports, _bindings[exit] is EchoBinding ? null : Server(from, exit), null);
        }

        var exits = tls.Routes.Select(r => r.Exit).Append(tls.Exit).OfType<string>().Distinct().ToLookup(e => Other(Find<BindingConfig>(exit, e)) is null);
        return new PortRouteModel(ports, null, new TlsRouteModel(At(exit, () => new TlsRoutes(tls)), Guard(tls), exits[true].ToDictionary(e => e, e => Server(exit, e), StringComparer.Ordinal))
        {
            Others = exits[false].ToDictionary(e => e, e => Other(_bindings[e])!, StringComparer.Ordinal),
        });
    }

    private HttpServerModel Server(string from, string name)
    {
        if (!_servers.TryGetValue(name, out var server))
        {
            var binding = Find<HttpServerBinding>(from, name);
            var routes = binding.Routes.Select(r => new HttpRouteModel(RouteGuard.Compile(r), [.. r.When.Select(w => At(name, () => new HttpConditionModel(w)))], Metered(name, r.Exit)));
            _servers[name] = server = new HttpServerModel(binding, new HttpMetrics(plan.Namespace, binding), Guard(binding), Limits(binding), [.. routes], binding.Exit is { } exit ? Metered(name, exit) : null);
        }

        return server;
    }

    private IExchangeHandler Metered(string from, string exit)
    {
        var binding = Find<BindingConfig>(from, exit);
        var handler = Exit(from, binding);
        return StreamMetrics.Of(plan.Namespace, binding) is { } metrics ? new MeteredHandler(handler, metrics) : handler;
    }

    private CertificateGuard? Guard(TlsServerBinding binding) => binding.Guard is not { } name ? null
        : _guards.Certificates.GetValueOrDefault(name) ?? throw new FormatException($"{binding.Name}: the plan lacks its guard {name}, or it does not judge certificates");

    private HttpGuard? Guard(HttpServerBinding binding) => binding.Authorization is not { } authorization ? null
        : new HttpGuard(CredentialGuard(binding.Name, authorization.Guard), At(binding.Name, () => new CredentialPlaces(authorization)), parts.Time);

    /// <summary>The guard that judges what clients of a binding show.</summary>
    protected ICredentialGuard CredentialGuard(string binding, string guard) => _guards.Credentials.GetValueOrDefault(guard)
        ?? throw new FormatException($"{binding}: the plan lacks its guard {guard}, or it does not judge what clients show");

    private ServerAdmission? Limits(HttpServerBinding binding) => parts.Limiters.Compile(binding) is { } limiter ? new ServerAdmission(limiter) : null;

    /// <summary>What requests run through that leave an http server by an exit of this name.</summary>
    /// <param name="from">The http server's name, for complaints.</param>
    /// <param name="binding">The exit.</param>
    /// <exception cref="FormatException">This edge does not have it: see <see cref="Unfit"/>.</exception>
    protected abstract IExchangeHandler Exit(string from, BindingConfig binding);

    /// <summary>What serves connections that leave a tcp or tls server by this exit, if they are not HTTP's; null: they are. Asked more than once for the same.</summary>
    protected virtual object? Other(BindingConfig binding) => null;

    protected string Cluster(string cacheClient) => plan.Clusters.TryGetValue(cacheClient, out var cluster)
        ? cluster
        : throw new FormatException($"its exit {cacheClient} leads to no cluster");

    protected T Find<T>(string from, string name)
        where T : BindingConfig =>
        !_bindings.TryGetValue(name, out var binding) ? throw new FormatException($"{from}: the plan lacks its exit {name}")
        : binding as T ?? throw Unfit(from, binding);

    protected static FormatException Unfit(string from, BindingConfig exit) =>
        new($"{from}: an exit to {exit.Name}, a {exit.GetType().Name}, is not supported here");

    /// <summary>Has a complaint name the binding it is about.</summary>
    protected static T At<T>(string binding, Func<T> compile)
    {
        try
        {
            return compile();
        }
        catch (FormatException e)
        {
            throw new FormatException($"{binding}: {e.Message}", e);
        }
    }
}
