namespace Zilla.Config.Bindings;

/// <summary>Reference §2.4.</summary>
public sealed record HttpServerBinding : BindingConfig
{
    /// <summary>Among "http/1.1" and "h2"; default both.</summary>
    public IReadOnlyList<string> Versions { get; init; } = ["http/1.1", "h2"];

    /// <summary>Null = same-origin: the gateway says nothing about CORS.</summary>
    public CrossOriginPolicy? CrossOrigin { get; init; }

    /// <summary>Null = requests are not asked who they come from.</summary>
    public HttpAuthorization? Authorization { get; init; }

    /// <summary>What requests and their answers have to be, by path; the first that fits counts.</summary>
    public IReadOnlyList<HttpRequestModels> Requests { get; init; } = [];

    /// <summary>Null = none but those of the process.</summary>
    public RequestLimits? Limits { get; init; }

    public IReadOnlyList<HttpRoute> Routes { get; init; } = [];
}

/// <summary>Reference §2.4. Speaks HTTP/2 with what its tcp client dials, behind its tls client if it has one; only grpc clients lead to it.</summary>
public sealed record HttpClientBinding : BindingConfig
{
    /// <summary>What an inline guard holds is presented to the service; null = nothing. In a plan it is among the <see cref="Overrides"/>.</summary>
    public HttpAuthorization? Authorization { get; init; }

    /// <summary>Headers that requests go on with in place of those that they have by these names; null = none, and older services know nothing else.</summary>
    public IReadOnlyDictionary<string, string>? Overrides { get; init; }

    /// <summary>To other places than <see cref="BindingConfig.Exit"/>, or with other headers; null = none, and older services know nothing else.</summary>
    public IReadOnlyList<HttpRoute>? Routes { get; init; }
}

/// <summary><c>access-control</c> with <c>policy: cross-origin</c>. An empty list stands for the wildcard.</summary>
public sealed record CrossOriginPolicy
{
    public IReadOnlyList<string> AllowOrigins { get; init; } = [];
    public IReadOnlyList<string> AllowMethods { get; init; } = [];
    public IReadOnlyList<string> AllowHeaders { get; init; } = [];
    public bool AllowCredentials { get; init; }
    public TimeSpan? MaxAge { get; init; }
    public IReadOnlyList<string> ExposeHeaders { get; init; } = [];
}

/// <summary>Takes a request if any of <see cref="When"/> holds; none = always.</summary>
public sealed record HttpRoute : RouteConfig
{
    public IReadOnlyList<HttpCondition> When { get; init; } = [];

    /// <summary>
    /// Of an http client: as those of the binding, which they go before; may hold <c>${params.x}</c>. Null = none, and older services know nothing else.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Overrides { get; init; }
}

/// <summary>All headers must match their pattern, pseudo headers (<c>:method :scheme :authority :path</c>) included.</summary>
public sealed record HttpCondition
{
    public required IReadOnlyDictionary<string, string> Headers { get; init; }
}

/// <summary>Reference §2.6.</summary>
public sealed record HttpKafkaBinding : BindingConfig
{
    public string IdempotencyHeader { get; init; } = "idempotency-key";
    public string ReplyToHeader { get; init; } = "zilla:reply-to";
    public string CorrelationIdHeader { get; init; } = "zilla:correlation-id";
    public required IReadOnlyList<HttpKafkaRoute> Routes { get; init; }
}

/// <summary>To a kafka cache_client. Exactly one of <see cref="Fetch"/> and <see cref="Produce"/> is set. No <see cref="When"/> = always.</summary>
public sealed record HttpKafkaRoute : RouteConfig
{
    public IReadOnlyList<HttpKafkaCondition> When { get; init; } = [];
    public HttpKafkaFetch? Fetch { get; init; }
    public HttpKafkaProduce? Produce { get; init; }
}

/// <summary>Method (null = any) and path pattern (null = any); <c>{name}</c> binds <c>${params.name}</c> (reference §1.2).</summary>
public sealed record HttpKafkaCondition
{
    public string? Method { get; init; }
    public string? Path { get; init; }
}

/// <summary><c>with</c>, capability fetch. Strings may hold <c>${params.x}</c>.</summary>
public sealed record HttpKafkaFetch
{
    public required string Topic { get; init; }
    public IReadOnlyList<KafkaFilterConfig> Filters { get; init; } = [];

    /// <summary>True: all matching records as one JSON array.</summary>
    public bool Merge { get; init; }
}

/// <summary><c>with</c>, capability produce. Strings may hold <c>${params.x}</c> and <c>${idempotencyKey}</c>.</summary>
public sealed record HttpKafkaProduce
{
    public required string Topic { get; init; }

    /// <summary>Null = null key.</summary>
    public string? Key { get; init; }

    public KafkaAcks Acks { get; init; } = KafkaAcks.InSyncReplicas;
    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();

    /// <summary>The topic that a response to the record comes from. Null = one way: nothing but Kafka's acknowledgement is waited for.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>With <see cref="ReplyTo"/>: the header that joins request and response, in place of the binding's.</summary>
    public string? CorrelationIdHeader { get; init; }

    /// <summary>
    /// With <see cref="ReplyTo"/>: headers of the 202 for <c>Prefer: respond-async</c>, <c>location</c> among them; may hold
    /// <c>${correlationId}</c> too. Empty = a request is always waited for.
    /// </summary>
    public IReadOnlyDictionary<string, string> Async { get; init; } = new Dictionary<string, string>();
}

/// <summary>Reference §2.5: serves files; the exit is a filesystem server binding.</summary>
public sealed record HttpFilesystemBinding : BindingConfig
{
    public IReadOnlyList<HttpFilesystemRoute> Routes { get; init; } = [];
}

public sealed record HttpFilesystemRoute : RouteConfig
{
    public IReadOnlyList<HttpKafkaCondition> When { get; init; } = [];

    /// <summary>Path below the filesystem's location; may hold <c>${params.x}</c>.</summary>
    public required string Path { get; init; }
}

/// <summary>Reference §2.5.</summary>
public sealed record FilesystemBinding : BindingConfig
{
    /// <summary>Absolute; the loader resolves what the file says against the file's own folder.</summary>
    public required string Location { get; init; }
}
