using System.Text.Json;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Edge.Guards;
using Zilla.Edge.Guards.X509;
using Zilla.Edge.Routing;
using Zilla.Edge.Tls;
using Zilla.EdgeHttp.Echo;
using Zilla.EdgeHttp.Files;
using Zilla.EdgeHttp.Guards;
using Zilla.EdgeHttp.HttpKafka;
using Zilla.EdgeHttp.HttpKafka.Correlated;
using Zilla.EdgeHttp.Sse;
using Zilla.EdgeHttp.SseKafka;

namespace Zilla.EdgeHttp.Server;

/// <summary>Compiles a plan's graph of bindings, from the listeners on, to what requests run through.</summary>
internal sealed class GatewayCompiler(ServicePlan plan, GatewayParts parts)
{
    private readonly Dictionary<string, BindingConfig> _bindings = plan.Bindings.ToDictionary(b => b.Name, StringComparer.Ordinal);
    private readonly GuardSet _guards = parts.Guards.Compile(plan);
    private readonly Dictionary<string, HttpServerModel> _servers = new(StringComparer.Ordinal);

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

        return new(listeners) { Metrics = plan.Metrics };
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
            return new PortRouteModel(ports, _bindings[exit] is EchoBinding ? null : Server(from, exit), null);
        }

        var exits = tls.Routes.Select(r => r.Exit).Append(tls.Exit).OfType<string>().Distinct();
        return new PortRouteModel(ports, null, new TlsRouteModel(At(exit, () => new TlsRoutes(tls)), Guard(tls), exits.ToDictionary(e => e, e => Server(exit, e), StringComparer.Ordinal)));
    }

    private HttpServerModel Server(string from, string name)
    {
        if (!_servers.TryGetValue(name, out var server))
        {
            var binding = Find<HttpServerBinding>(from, name);
            var routes = binding.Routes.Select(r => new HttpRouteModel(RouteGuard.Compile(r), [.. r.When.Select(w => At(name, () => new HttpConditionModel(w)))], Exit(name, r.Exit)));
            _servers[name] = server = new HttpServerModel(binding, new HttpMetrics(plan.Namespace, name), Guard(binding), Limits(binding), [.. routes], binding.Exit is { } exit ? Exit(name, exit) : null);
        }

        return server;
    }

    private CertificateGuard? Guard(TlsServerBinding binding) => binding.Guard is not { } name ? null
        : _guards.Certificates.GetValueOrDefault(name) ?? throw new FormatException($"{binding.Name}: the plan lacks its guard {name}, or it does not judge certificates");

    private HttpGuard? Guard(HttpServerBinding binding) => binding.Authorization is not { } authorization ? null
        : _guards.Credentials.TryGetValue(authorization.Guard, out var guard) ? new HttpGuard(guard, At(binding.Name, () => new CredentialPlaces(authorization)), parts.Time)
        : throw new FormatException($"{binding.Name}: the plan lacks its guard {authorization.Guard}, or it does not judge what requests carry");

    private ServerAdmission? Limits(HttpServerBinding binding) => parts.Limiters.Compile(binding) is { } limiter ? new ServerAdmission(limiter) : null;

    private IExchangeHandler Exit(string from, string name) => Find<BindingConfig>(from, name) switch
    {
        HttpKafkaBinding binding => new HttpKafkaModel([.. binding.Routes.Select(r => At(name, () => HttpKafkaRoute(binding, r)))]),
        SseServerBinding binding => SseServer(binding),
        HttpFilesystemBinding binding => new FilesHandler([.. binding.Routes.Select(r => At(name, () => FilesRoute(binding, r)))], parts),
        EchoBinding => new EchoHandler(),
        var other => throw Unfit(from, other),
    };

    private HttpKafkaRouteModel HttpKafkaRoute(HttpKafkaBinding binding, HttpKafkaRoute route)
    {
        var when = MethodAndPath.Compile(route.When);
        var names = MethodAndPath.Names(when);
        var cluster = Cluster(route.Exit);
        return new HttpKafkaRouteModel(RouteGuard.Compile(route), when, route switch
        {
            { Produce: { ReplyTo: not null } produce } => new CorrelatedHandler(new CorrelatedRoute(cluster, binding, produce, names), parts),
            { Produce: { } produce } => new ProduceHandler(new ProduceHandler.Route(cluster, binding, produce, names), parts.Cache, parts.Options, parts.NewGuid),
            { Fetch: { Merge: true } fetch } => new MergeHandler(
                cluster, TopicTemplate.Compile(fetch.Topic, names), FilterTemplate.Compile(fetch.Filters, names), parts.Cache, parts.Options, parts.Time),
            { Fetch: { } fetch } => new FetchHandler(
                cluster, TopicTemplate.Compile(fetch.Topic, names), FilterTemplate.Compile(fetch.Filters, names), parts.Cache, parts.Options, parts.Time),
            _ => throw new FormatException("a route neither fetches nor produces"),
        });
    }

    private SseServerModel SseServer(SseServerBinding binding)
    {
        var routes = binding.Routes.Select(r => new SseRouteModel(RouteGuard.Compile(r), Patterns(binding.Name, r.Paths), SseSource(binding.Name, r.Exit)));
        return new SseServerModel(binding, [.. routes], binding.Exit is { } exit ? SseSource(binding.Name, exit) : null, parts.Options, parts.Streams);
    }

    private SseKafkaModel SseSource(string from, string name)
    {
        var binding = Find<SseKafkaBinding>(from, name);
        return new SseKafkaModel([.. binding.Routes.Select(r => At(name, () => SseKafkaRoute(name, r)))], parts.Cache, parts.Options, parts.Time, parts.SseLogger);
    }

    private SseKafkaRouteModel SseKafkaRoute(string name, SseKafkaRoute route)
    {
        var paths = Patterns(name, route.Paths);
        var names = paths.SelectMany(p => p.Names).ToHashSet();
        return new SseKafkaRouteModel(
            RouteGuard.Compile(route), paths, Cluster(route.Exit), TopicTemplate.Compile(route.Topic, names), FilterTemplate.Compile(route.Filters, names), route.EventIdWithKey)
        {
            Identity = $"{Cluster(route.Exit)} {JsonSerializer.Serialize(route)}",
        };
    }

    private FilesRouteModel FilesRoute(HttpFilesystemBinding binding, HttpFilesystemRoute route)
    {
        var when = MethodAndPath.Compile(route.When);
        var folder = new Folder(Find<FilesystemBinding>(binding.Name, route.Exit).Location);
        return new FilesRouteModel(RouteGuard.Compile(route), when, Template.Compile(route.Path, MethodAndPath.Names(when)), folder);
    }

    private static IReadOnlyList<PathPattern> Patterns(string binding, IReadOnlyList<string> paths) => [.. paths.Select(p => At(binding, () => PathPattern.Compile(p)))];

    private string Cluster(string cacheClient) => plan.Clusters.TryGetValue(cacheClient, out var cluster)
        ? cluster
        : throw new FormatException($"its exit {cacheClient} leads to no cluster");

    private T Find<T>(string from, string name)
        where T : BindingConfig =>
        !_bindings.TryGetValue(name, out var binding) ? throw new FormatException($"{from}: the plan lacks its exit {name}")
        : binding as T ?? throw Unfit(from, binding);

    private static FormatException Unfit(string from, BindingConfig exit) =>
        new($"{from}: an exit to {exit.Name}, a {exit.GetType().Name}, is not supported here");

    /// <summary>Has a complaint name the binding it is about.</summary>
    private static T At<T>(string binding, Func<T> compile)
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
