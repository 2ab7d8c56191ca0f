namespace Zilla.Config.Bindings;

/// <summary>Reference §2.7.</summary>
public sealed record SseServerBinding : BindingConfig
{
    /// <summary>Sent to clients as <c>retry:</c>; default 2000 ms.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromMilliseconds(2000);

    /// <summary>What events have to be, by path.</summary>
    public IReadOnlyList<HttpRequestModels> Requests { get; init; } = [];

    public IReadOnlyList<SseRoute> Routes { get; init; } = [];
}

/// <summary>Takes a request if any of the path patterns matches; none = always.</summary>
public sealed record SseRoute : RouteConfig
{
    public IReadOnlyList<string> Paths { get; init; } = [];
}

/// <summary>Reference §2.7, §4.2.</summary>
public sealed record SseKafkaBinding : BindingConfig
{
    public required IReadOnlyList<SseKafkaRoute> Routes { get; init; }
}

/// <summary>To a kafka cache_client.</summary>
public sealed record SseKafkaRoute : RouteConfig
{
    /// <summary>Path patterns; <c>{name}</c> binds <c>${params.name}</c>. None = always.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    public required string Topic { get; init; }
    public IReadOnlyList<KafkaFilterConfig> Filters { get; init; } = [];

    /// <summary>True: event ids are <c>["base64url(key)","etag"]</c>; false: the etag alone (the default).</summary>
    public bool EventIdWithKey { get; init; }
}
