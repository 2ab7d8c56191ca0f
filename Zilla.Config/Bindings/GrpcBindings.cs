namespace Zilla.Config.Bindings;

/// <summary>Reference §2.9. Serves the methods of its <c>.proto</c> files; any other is unimplemented.</summary>
public sealed record GrpcServerBinding : BindingConfig
{
    /// <summary>The 2.x dialect: subjects of catalogs, each of them a <c>.proto</c> file.</summary>
    public IReadOnlyList<SchemaReference> Schemas { get; init; } = [];

    /// <summary>The 1.x dialect: absolute paths of <c>.proto</c> files.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>What both say, as an encoded <c>google.protobuf.FileDescriptorSet</c> with all imports; empty until the loader has compiled them.</summary>
    public ReadOnlyMemory<byte> Descriptors { get; init; }

    /// <summary>Bytes of the largest message, compressed or not; ours, under <c>limits</c>. Default 4 MiB, as gRPC's own servers have it.</summary>
    public int MaxMessage { get; init; } = DefaultMaxMessage;

    /// <summary>Serves <c>grpc.reflection</c>, by which clients learn what the files say; ours.</summary>
    public bool Reflection { get; init; } = true;

    /// <summary>Serves <c>grpc.health.v1</c>; ours.</summary>
    public bool Health { get; init; } = true;

    public IReadOnlyList<GrpcRoute> Routes { get; init; } = [];

    public const int DefaultMaxMessage = 4 << 20;
}

/// <summary>Reference §2.9. Calls a gRPC service; its exits are http clients.</summary>
public sealed record GrpcClientBinding : BindingConfig
{
    /// <summary>Bytes of the largest message of the service, compressed or not; ours, under <c>limits</c>. Default 4 MiB, as gRPC's own clients have it.</summary>
    public int MaxMessage { get; init; } = GrpcServerBinding.DefaultMaxMessage;

    public IReadOnlyList<GrpcRoute> Routes { get; init; } = [];
}

/// <summary>A schema in a catalog.</summary>
public sealed record SchemaReference(string Catalog, string Subject, string Version);

/// <summary>Takes a call if any of <see cref="When"/> holds; none = always.</summary>
public sealed record GrpcRoute : RouteConfig
{
    public IReadOnlyList<GrpcCondition> When { get; init; } = [];
}

/// <summary>All that is given has to hold.</summary>
public sealed record GrpcCondition
{
    /// <summary><c>package.Service/Method</c> with <c>*</c> wildcards; null = any.</summary>
    public string? Method { get; init; }

    /// <summary>Metadata that the call has, with these values; those of names in <c>-bin</c> are bytes, others UTF-8.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Metadata { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}

/// <summary>Reference §2.10.</summary>
public sealed record GrpcKafkaBinding : BindingConfig
{
    /// <summary>The field of fetched messages that holds progress; 1 to 536870911.</summary>
    public int ReliabilityField { get; init; } = 32767;

    /// <summary>The metadata that holds the progress of the last message seen.</summary>
    public string ReliabilityMetadata { get; init; } = "last-message-id";

    public string IdempotencyMetadata { get; init; } = "idempotency-key";

    public GrpcCorrelationHeaders Correlation { get; init; } = new();

    public required IReadOnlyList<GrpcKafkaRoute> Routes { get; init; }
}

/// <summary>Names of the record headers that join requests and responses.</summary>
public sealed record GrpcCorrelationHeaders
{
    public string Service { get; init; } = "zilla:service";
    public string Method { get; init; } = "zilla:method";
    public string CorrelationId { get; init; } = "zilla:correlation-id";
    public string ReplyTo { get; init; } = "zilla:reply-to";
}

/// <summary>To a kafka cache_client. Exactly one of <see cref="Fetch"/> and <see cref="Produce"/> is set. No <see cref="When"/> = always.</summary>
public sealed record GrpcKafkaRoute : RouteConfig
{
    public IReadOnlyList<GrpcCondition> When { get; init; } = [];
    public GrpcKafkaFetch? Fetch { get; init; }
    public GrpcKafkaProduce? Produce { get; init; }
}

/// <summary><c>with</c>, capability fetch: the topic's records as the messages of a server stream.</summary>
public sealed record GrpcKafkaFetch
{
    public required string Topic { get; init; }
    public IReadOnlyList<KafkaFilterConfig> Filters { get; init; } = [];
}

/// <summary><c>with</c>, capability produce: each message of the call as a record.</summary>
public sealed record GrpcKafkaProduce
{
    public required string Topic { get; init; }
    public KafkaAcks Acks { get; init; } = KafkaAcks.InSyncReplicas;

    /// <summary>Null = the correlation id.</summary>
    public string? Key { get; init; }

    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();

    /// <summary>The topic that the responses come from. Null = one way.</summary>
    public string? ReplyTo { get; init; }
}
