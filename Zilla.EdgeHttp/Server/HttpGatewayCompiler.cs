using System.Text.Json;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Edge.Http;
using Zilla.Edge.Http.Guards;
using Zilla.Edge.Routing;
using Zilla.EdgeHttp.Echo;
using Zilla.EdgeHttp.Files;
using Zilla.EdgeHttp.Handover;
using Zilla.EdgeHttp.HttpKafka;
using Zilla.EdgeHttp.HttpKafka.Correlated;
using Zilla.EdgeHttp.Sse;
using Zilla.EdgeHttp.SseKafka;

namespace Zilla.EdgeHttp.Server;

/// <summary>Compiles what the http servers of this edge lead to.</summary>
internal sealed class HttpGatewayCompiler(ServicePlan plan, HttpGatewayParts parts) : GatewayCompiler(plan, parts)
{
    protected override IExchangeHandler Exit(string from, BindingConfig binding) => binding switch
    {
        HttpKafkaBinding kafka => new HttpKafkaModel([.. kafka.Routes.Select(r => At(kafka.Name, () => HttpKafkaRoute(kafka, r)))]),
        SseServerBinding sse => SseServer(sse),
        HttpFilesystemBinding files => new FilesHandler([.. files.Routes.Select(r => At(files.Name, () => FilesRoute(files, r)))], parts),
        EchoBinding => new EchoHandler(),
        GrpcServerBinding grpc => new GrpcHandover(grpc.Name, parts.Grpc),
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
}
