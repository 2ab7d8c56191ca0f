using Google.Protobuf.Reflection;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.EdgeGrpc.GrpcKafka;
using Zilla.EdgeGrpc.KafkaGrpc;
using Zilla.EdgeGrpc.Proxy;
using Zilla.EdgeGrpc.Schemas;
using Zilla.EdgeGrpc.Services;
using Zilla.EdgeGrpc.Upstream;

namespace Zilla.EdgeGrpc.Server;

/// <summary>Compiles what the http servers of this edge lead to.</summary>
internal sealed class GrpcGatewayCompiler(ServicePlan plan, GrpcGatewayParts parts) : GatewayCompiler(plan, parts)
{
    /// <summary>The kafka-grpc bindings of the plan, which no listener leads to.</summary>
    /// <exception cref="FormatException">The plan holds what this edge cannot do; the message names the binding.</exception>
    public IReadOnlyList<KafkaGrpcModel> RemoteCalls() =>
        [.. Plan.Bindings.OfType<KafkaGrpcBinding>().Select(binding => At(binding.Name, () => new KafkaGrpcModel(binding, Cluster(binding.Entry), WorkPlan.GroupOf(Plan.Namespace, binding.Name), route => Services(binding.Name, route))))];

    /// <summary>The ways to services that a grpc client leads to, each with the methods that take it; none: every method.</summary>
    private IReadOnlyList<ServiceRoute> Services(string from, KafkaGrpcRoute route)
    {
        var client = Find<GrpcClientBinding>(from, route.Exit);
        if (client.Routes.Any(exit => exit.Guarded.Count > 0 || exit.When.Any(when => when.Metadata.Count > 0)))
        {
            throw new FormatException($"routes of {client.Name} that look at metadata or are guarded are not supported for calls from topics");
        }

        UpstreamChannel Channel(string exit) => parts.Services.Get(UpstreamTargets.Of(Plan, client, exit, route.Authority));
        var routes = client.Routes.Select(exit => new ServiceRoute([.. exit.When.Select(when => when.Method ?? "*")], Channel(exit.Exit)));
        return client.Exit is { } last ? [.. routes, new ServiceRoute([], Channel(last))] : [.. routes];
    }

    protected override IExchangeHandler Exit(string from, BindingConfig binding) => binding is GrpcServerBinding grpc ? Server(grpc) : throw Unfit(from, binding);

    private GrpcServerModel Server(GrpcServerBinding binding)
    {
        var routes = new CallRoutes(
            [.. binding.Routes.Select(r => new CallRoute(RouteGuard.Compile(r), Conditions(r.When), Calls(binding.Name, r.Exit)))],
            binding.Exit is { } exit ? Calls(binding.Name, exit) : null);
        var (schema, own) = At(binding.Name, () => Schema(binding));
        var names = own.SelectMany(file => file.Services).Select(service => service.FullName).ToHashSet(StringComparer.Ordinal);
        var reflection = new ReflectionService(schema);
        var health = new HealthService(schema, routes.HandlersOf, names, parts.Time);
        return new GrpcServerModel(
            binding.Name, schema, binding.MaxMessage, routes, names.ToDictionary(name => name, name => name == OwnServices.HealthName ? (ICallHandler)health : reflection, StringComparer.Ordinal),
            parts.Messages, new GrpcMetrics(Plan.Namespace, binding), parts.Time, parts.Logger);
    }

    /// <summary>What the configuration's files say, and the gateway's own beside them.</summary>
    private static (ServiceSchema Schema, IReadOnlyList<FileDescriptor> Own) Schema(GrpcServerBinding binding)
    {
        var given = ServiceSchema.Parse([binding.Descriptors]);
        var own = OwnServices.Beside(given, binding.Health, binding.Reflection);
        return (own.Count == 0 ? given : ServiceSchema.Parse([binding.Descriptors, OwnServices.Encode(own)]), own);
    }

    private ICallRoutes Calls(string from, string name) => Find<BindingConfig>(from, name) switch
    {
        GrpcKafkaBinding kafka => new GrpcKafkaModel([.. kafka.Routes.Select(r => At(kafka.Name, () => Route(kafka, r)))]),
        GrpcClientBinding client => new CallRoutes(
            [.. client.Routes.Select(r => new CallRoute(RouteGuard.Compile(r), Conditions(r.When), Service(client, r.Exit)))],
            client.Exit is { } exit ? Service(client, exit) : null),
        var other => throw Unfit(from, other),
    };

    private ServiceRoutes Service(GrpcClientBinding client, string exit) =>
        new([.. UpstreamTargets.All(Plan, client, exit).Select(way => new ServiceWay(At(exit, () => way.When is null ? null : new HttpConditionModel(way.When)), new ProxyHandler(parts.Services.Get(way.Target), parts.Time)))]);

    private GrpcKafkaRouteModel Route(GrpcKafkaBinding binding, GrpcKafkaRoute route) => new(RouteGuard.Compile(route), Conditions(route.When), route switch
    {
        { Produce: { } produce } => new ProduceHandler(new ProduceRoute(Cluster(route.Exit), binding, produce), parts.Cache, parts.UnderWay, parts.NewGuid),
        { Fetch: { } fetch } => new FetchHandler(Cluster(route.Exit), binding, fetch, parts.Cache),
        _ => throw new FormatException("a route neither fetches nor produces"),
    });

    private static IReadOnlyList<CallCondition> Conditions(IReadOnlyList<GrpcCondition> when) => [.. when.Select(condition => new CallCondition(condition))];
}
