namespace Zilla.Config.Bindings;

/// <summary>Reference §2.8. Takes requests that upgrade to a WebSocket; what it exits to reads and writes what the messages hold.</summary>
public sealed record WsServerBinding : BindingConfig
{
    public IReadOnlyList<WsRoute> Routes { get; init; } = [];
}

/// <summary>Takes a WebSocket if any of <see cref="When"/> holds; none = always.</summary>
public sealed record WsRoute : RouteConfig
{
    public IReadOnlyList<WsCondition> When { get; init; } = [];
}

/// <summary>All that is given has to match its pattern (<c>*</c>, reference §1.2).</summary>
public sealed record WsCondition
{
    /// <summary>A sub-protocol that the client offers, such as "mqtt"; it is the one agreed on.</summary>
    public string? Protocol { get; init; }

    /// <summary>"http" or "https".</summary>
    public string? Scheme { get; init; }

    /// <summary>The host, and its port if the client names one.</summary>
    public string? Authority { get; init; }

    public string? Path { get; init; }
}
