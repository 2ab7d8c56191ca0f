using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Telemetry;
using Zilla.Config.Vaults;

namespace Zilla.Config.Plans;

/// <summary>What one service is to do, compiled from <c>zilla.yaml</c>. Travels as JSON; persisted by the service as its last applied plan.</summary>
public sealed record ServicePlan
{
    /// <summary>Grows with every accepted configuration; 0 = nothing configured yet.</summary>
    public required long Revision { get; init; }

    /// <summary>The configuration's <c>name</c>.</summary>
    public required string Namespace { get; init; }

    /// <summary>For edges: what to listen on.</summary>
    public IReadOnlyList<ListenerPlan> Listeners { get; init; } = [];

    /// <summary>For edges: every binding that the listeners can reach, the kafka cache_client ones included.</summary>
    public IReadOnlyList<BindingConfig> Bindings { get; init; } = [];

    /// <summary>For edges: the vaults of those bindings, passwords included; the stores themselves are files that the edge reads.</summary>
    public IReadOnlyList<FilesystemVault> Vaults { get; init; } = [];

    /// <summary>For edges: who clients are and what they may; never the inline ones, which hold secrets of the suite.</summary>
    public IReadOnlyList<GuardConfig> Guards { get; init; } = [];

    /// <summary>For edges: name of a kafka cache_client binding → name of the cluster that the cache knows it by.</summary>
    public IReadOnlyDictionary<string, string> Clusters { get; init; } = new Dictionary<string, string>();

    /// <summary>For the cache: the clusters to serve.</summary>
    public IReadOnlyList<ClusterPlan> CachedClusters { get; init; } = [];

    /// <summary>For edges: those of the bindings that another edge hands requests over to; null = none, and older services know nothing else.</summary>
    public IReadOnlyList<string>? Handovers { get; init; }

    /// <summary>For one of the edges: where metrics can be had beside the services' own endpoints; null = nowhere, and older services know nothing else.</summary>
    public MetricsPlan? Metrics { get; init; }

    /// <summary>True: events are told on standard output; null = they are not, and older services know nothing else.</summary>
    public bool? Events { get; init; }

    /// <summary>The collectors to export to; null = none but those that the service's environment names, and older services know nothing else.</summary>
    public OtlpPlan? Otlp { get; init; }
}

/// <summary>What the otlp exporters of a configuration ask for.</summary>
public sealed record OtlpPlan
{
    /// <summary>Of the resource that all is said of.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public required IReadOnlyList<OtlpExporter> Exporters { get; init; }

    /// <summary>Those that the exporters name, passwords included; null = none, and older services know nothing else.</summary>
    public IReadOnlyList<FilesystemVault>? Vaults { get; init; }
}

/// <summary>What the prometheus exporters of a configuration ask for.</summary>
public sealed record MetricsPlan
{
    /// <summary>Labels of all that they tell.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    public required IReadOnlyList<PrometheusEndpoint> Endpoints { get; init; }
}

/// <summary>A tcp server binding as a listener: one socket a port, of those ports that lead to this edge.</summary>
public sealed record ListenerPlan
{
    /// <summary>Name of the tcp server binding.</summary>
    public required string Binding { get; init; }

    public required string Host { get; init; }
    public required IReadOnlyList<int> Ports { get; init; }

    /// <summary>Null = none but those of the process.</summary>
    public ConnectionLimits? Limits { get; init; }
}

/// <summary>A kafka cache_server binding together with the kafka client it leads to.</summary>
public sealed record ClusterPlan
{
    /// <summary>Name of the cache_server binding; this is <c>KafkaBeginEx.cluster</c>.</summary>
    public required string Name { get; init; }

    /// <summary>host:port.</summary>
    public required IReadOnlyList<string> Servers { get; init; }

    /// <summary>Null: the client does not say who it is. Only the cache's plan holds it, never an edge's.</summary>
    public KafkaSasl? Sasl { get; init; }

    /// <summary>Null: connections are plain. Only the cache's plan holds it, never an edge's.</summary>
    public ClusterTls? Tls { get; init; }

    public IReadOnlyList<string> Bootstrap { get; init; } = [];
    public IReadOnlyList<KafkaTopicConfig> Topics { get; init; } = [];

    /// <summary>
    /// The only topics that the routes of the cache_server and kafka client let through (<c>*</c> wildcards); empty = every topic. A stream for any
    /// other is reset.
    /// </summary>
    public IReadOnlyList<string> AllowedTopics { get; init; } = [];

    /// <summary>The MQTT sessions that are kept in it; older services know none.</summary>
    public IReadOnlyList<SessionsPlan> Sessions { get; init; } = [];

    /// <summary>The kafka-grpc bindings whose calls are in it; older services know none.</summary>
    public IReadOnlyList<WorkPlan> Work { get; init; } = [];
}

/// <summary>A kafka-grpc binding that begins at the cluster.</summary>
public sealed record WorkPlan
{
    /// <summary>The consumer group that its calls are consumed as.</summary>
    public required string Group { get; init; }

    /// <summary>Which records are calls: any of these.</summary>
    public required IReadOnlyList<KafkaGrpcCondition> Conditions { get; init; }

    public required GrpcCorrelationHeaders Correlation { get; init; }

    /// <summary>Null = none.</summary>
    public string? DeadLetter { get; init; }

    /// <summary>Of a binding, <c>zilla:NAMESPACE-BINDING</c> (reference §2.10).</summary>
    public static string GroupOf(string configuration, string binding) => $"zilla:{configuration}-{binding}";
}

/// <summary>An mqtt-kafka binding that leads to the cluster, with the topics that it names for all of its clients. Those of its routes are the edge's to know.</summary>
public sealed record SessionsPlan
{
    /// <summary>Name of the configuration; with that of the binding it names the group of replicas that share the sessions.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the mqtt-kafka binding.</summary>
    public required string Binding { get; init; }

    public required string SessionsTopic { get; init; }
    public required string MessagesTopic { get; init; }
    public required string RetainedTopic { get; init; }
}

/// <summary>The tls client binding that a kafka client exits to, with its vault. The stores themselves are files that the cache reads.</summary>
public sealed record ClusterTls
{
    public required TlsClientBinding Binding { get; init; }

    /// <summary>Null if the binding names none.</summary>
    public FilesystemVault? Vault { get; init; }
}

/// <summary>The services that plans are compiled for; also their names as Aspire resources.</summary>
public static class ServiceNames
{
    public const string EdgeHttp = "edge-http";
    public const string EdgeMqtt = "edge-mqtt";
    public const string EdgeGrpc = "edge-grpc";
    public const string KafkaCache = "kafka-cache";
    public const string Control = "control";
}
