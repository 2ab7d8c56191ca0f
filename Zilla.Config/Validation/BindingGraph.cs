using System.Reflection;
using System.Text.Json.Serialization;
using Zilla.Config.Bindings;
using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>Looks at bindings as a graph, whatever their types.</summary>
public static class BindingGraph
{
    private static readonly Dictionary<Type, string> Names = typeof(BindingConfig).GetCustomAttributes<JsonDerivedTypeAttribute>()
        .ToDictionary(attribute => attribute.DerivedType, attribute => (string)attribute.TypeDiscriminator!);

    /// <summary>"http server": type and kind as in <c>zilla.yaml</c>.</summary>
    public static string TypeAndKind(this BindingConfig binding) =>
        binding is UnsupportedBinding unsupported ? $"{unsupported.Type} {unsupported.Kind}" : TypeAndKind(binding.GetType());

    internal static string TypeAndKind(Type binding) => Names[binding];

    internal static ConfigurationPath PathOf(BindingConfig binding) => ConfigurationPath.Root / "bindings" / binding.Name;

    internal static ConfigurationPath PathOf(BindingConfig binding, int route) => PathOf(binding) / "routes" / route;

    /// <summary>Every exit that is named, the binding's own first, then those of its routes.</summary>
    internal static IEnumerable<(string Exit, ConfigurationPath At)> Exits(this BindingConfig binding)
    {
        if (binding.Exit is { Length: > 0 } own)
        {
            yield return (own, PathOf(binding) / "exit");
        }

        var index = 0;
        foreach (var exit in RouteExits(binding))
        {
            if (exit is { Length: > 0 })
            {
                yield return (exit, PathOf(binding, index) / "exit");
            }

            index++;
        }
    }

    internal static IReadOnlyList<string?> RouteExits(BindingConfig binding) => binding switch
    {
        TcpServerBinding tcp => [.. tcp.Routes.Select(route => route.Exit)],
        ProxyServerBinding proxy => [.. proxy.Routes.Select(route => route.Exit)],
        TlsServerBinding tls => [.. tls.Routes.Select(route => route.Exit)],
        HttpServerBinding http => [.. http.Routes.Select(route => route.Exit)],
        HttpClientBinding http => [.. (http.Routes ?? []).Select(route => route.Exit)],
        HttpKafkaBinding http => [.. http.Routes.Select(route => route.Exit)],
        HttpFilesystemBinding http => [.. http.Routes.Select(route => route.Exit)],
        SseServerBinding sse => [.. sse.Routes.Select(route => route.Exit)],
        SseKafkaBinding sse => [.. sse.Routes.Select(route => route.Exit)],
        WsServerBinding ws => [.. ws.Routes.Select(route => route.Exit)],
        MqttServerBinding mqtt => [.. mqtt.Routes.Select(route => route.Exit)],
        MqttKafkaBinding mqtt => [.. mqtt.Routes.Select(route => route.Exit)],
        GrpcServerBinding grpc => [.. grpc.Routes.Select(route => route.Exit)],
        GrpcKafkaBinding grpc => [.. grpc.Routes.Select(route => route.Exit)],
        GrpcClientBinding grpc => [.. grpc.Routes.Select(route => route.Exit)],
        KafkaGrpcBinding grpc => [.. grpc.Routes.Select(route => route.Exit)],
        KafkaCacheClientBinding kafka => [.. kafka.Routes.Select(route => route.Exit)],
        KafkaCacheServerBinding kafka => [.. kafka.Routes.Select(route => route.Exit)],
        KafkaClientBinding kafka => [.. kafka.Routes.Select(route => route.Exit)],
        UnsupportedBinding unsupported => unsupported.RouteExits,
        _ => [],
    };

    /// <summary>Of the bindings whose routes can be guarded.</summary>
    internal static IEnumerable<(RouteConfig Route, ConfigurationPath At)> GuardedRoutes(this BindingConfig binding)
    {
        IReadOnlyList<RouteConfig> routes = binding switch
        {
            HttpServerBinding http => http.Routes,
            HttpKafkaBinding http => http.Routes,
            HttpFilesystemBinding http => http.Routes,
            SseServerBinding sse => sse.Routes,
            SseKafkaBinding sse => sse.Routes,
            WsServerBinding ws => ws.Routes,
            MqttServerBinding mqtt => mqtt.Routes,
            MqttKafkaBinding mqtt => mqtt.Routes,
            GrpcServerBinding grpc => grpc.Routes,
            GrpcKafkaBinding grpc => grpc.Routes,
            GrpcClientBinding grpc => grpc.Routes,
            _ => [],
        };
        return routes.Select((route, index) => (route, PathOf(binding, index)));
    }

    /// <summary>host:port of a kafka client's cluster: its own, else those of the tcp client that it leads to, over TLS or not.</summary>
    internal static IReadOnlyList<string> ServersOf(this ZillaConfiguration configuration, KafkaClientBinding client) => client.Servers.Count > 0 ? client.Servers :
    [
        .. configuration.Next(client).SelectMany(next => next is TlsClientBinding ? configuration.Next(next) : [next])
            .OfType<TcpClientBinding>().Where(tcp => tcp.Host is not null).SelectMany(tcp => tcp.Ports.Select(port => FormattableString.Invariant($"{tcp.Host}:{port}"))),
    ];

    /// <summary>The only topics that a cluster's routes let through (<c>*</c> wildcards); empty = every topic.</summary>
    internal static IReadOnlyList<string> AllowedTopics(this ZillaConfiguration configuration, KafkaCacheServerBinding server) =>
        Limit(server.Exit, server.Routes) is { Count: > 0 } topics ? topics
        : configuration.Next(server).OfType<KafkaClientBinding>().FirstOrDefault() is { } client ? Limit(client.Exit, client.Routes)
        : [];

    /// <summary>The cache_server bindings that an mqtt-kafka binding leads to, by its own exit and those of its routes.</summary>
    internal static IEnumerable<KafkaCacheServerBinding> ClustersOf(this ZillaConfiguration configuration, MqttKafkaBinding mqtt) =>
        configuration.Next(mqtt).OfType<KafkaCacheClientBinding>().SelectMany(client => configuration.Next(client)).OfType<KafkaCacheServerBinding>().Distinct();

    /// <summary>The cache_server binding that a kafka-grpc binding begins at; null: there is none.</summary>
    internal static KafkaCacheServerBinding? ClusterOf(this ZillaConfiguration configuration, KafkaGrpcBinding grpc) =>
        configuration.Bindings.GetValueOrDefault(grpc.Entry) is KafkaCacheClientBinding entry ? configuration.Next(entry).OfType<KafkaCacheServerBinding>().FirstOrDefault() : null;

    /// <summary>The topics that a kafka-grpc binding reads and writes.</summary>
    internal static IEnumerable<(string Name, ConfigurationPath At)> NamedTopics(this KafkaGrpcBinding grpc)
    {
        var conditions = grpc.Routes.SelectMany((route, index) => route.When.Select((when, at) => (When: when, At: PathOf(grpc, index) / "when" / at)));
        return conditions.SelectMany(condition => new[] { (condition.When.Topic, condition.At / "topic"), (condition.When.ReplyTo, condition.At / "reply-to") })
            .Append((grpc.DeadLetter ?? "", PathOf(grpc) / "options" / "dead-letter"));
    }

    /// <summary>The topics of an mqtt-kafka binding's options.</summary>
    internal static IEnumerable<(string Name, ConfigurationPath At)> NamedTopics(this MqttKafkaBinding mqtt)
    {
        var at = PathOf(mqtt) / "options" / "topics";
        return [(mqtt.Topics.Sessions, at / "sessions"), (mqtt.Topics.Messages, at / "messages"), (mqtt.Topics.Retained, at / "retained")];
    }

    /// <summary>The topics of an mqtt-kafka binding's routes; they may hold expressions.</summary>
    internal static IEnumerable<(string Name, ConfigurationPath At)> RouteTopics(this MqttKafkaBinding mqtt) =>
        mqtt.Routes.Select((route, index) => (route.Messages, PathOf(mqtt, index) / "with" / "messages"));

    /// <summary>The bindings that <paramref name="binding"/> names and that exist.</summary>
    public static IEnumerable<BindingConfig> Next(this ZillaConfiguration configuration, BindingConfig binding) =>
        binding.Exits().Select(exit => configuration.Bindings.GetValueOrDefault(exit.Exit)).OfType<BindingConfig>().Distinct();

    /// <summary>The topics of the routes, unless something takes every topic.</summary>
    private static IReadOnlyList<string> Limit(string? exit, IReadOnlyList<KafkaRoute> routes) =>
        exit is null && routes.All(route => route.Topics.Count > 0) ? [.. routes.SelectMany(route => route.Topics).Distinct()] : [];
}
