namespace Zilla.Config.Bindings;

/// <summary>Reference §2.10, kind remote_server: calls that were written to topics as records are made of services. Has no listener: it begins at a kafka cache_client.</summary>
public sealed record KafkaGrpcBinding : BindingConfig
{
    /// <summary>Name of the kafka cache_client that the records come from and the answers go to.</summary>
    public required string Entry { get; init; }

    /// <summary>What the records of an answer wait for.</summary>
    public KafkaAcks Acks { get; init; } = KafkaAcks.InSyncReplicas;

    /// <summary>The metadata that tells the service which calls are one and the same; its value is the correlation id.</summary>
    public string IdempotencyMetadata { get; init; } = "idempotency-key";

    public GrpcCorrelationHeaders Correlation { get; init; } = new();

    /// <summary>Where records go whose call could not be made; ours. Null = nowhere, they are reported alone.</summary>
    public string? DeadLetter { get; init; }

    public required IReadOnlyList<KafkaGrpcRoute> Routes { get; init; }
}

/// <summary>To a grpc client. Takes a call if any of <see cref="When"/> holds; there is at least one.</summary>
public sealed record KafkaGrpcRoute
{
    public required string Exit { get; init; }
    public required IReadOnlyList<KafkaGrpcCondition> When { get; init; }

    /// <summary><c>http</c> or <c>https</c>: what the service is told. Null = what its connection is.</summary>
    public string? Scheme { get; init; }

    /// <summary>Whom the service is addressed as, with or without a port. Null = as it is dialled.</summary>
    public string? Authority { get; init; }
}

/// <summary>All that is given has to hold of the records of the call.</summary>
public sealed record KafkaGrpcCondition
{
    public required string Topic { get; init; }

    /// <summary>The topic that the answer goes to: the value of the records' header.</summary>
    public required string ReplyTo { get; init; }

    public string? Key { get; init; }
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary><c>package.Service/Method</c> with <c>*</c> wildcards; null = any.</summary>
    public string? Method { get; init; }
}
