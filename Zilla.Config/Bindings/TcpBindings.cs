namespace Zilla.Config.Bindings;

/// <summary>Reference §2.1. A listener: every port is opened on <see cref="Host"/>.</summary>
public sealed record TcpServerBinding : BindingConfig
{
    /// <summary>Host name or address; default 0.0.0.0, as Zilla.</summary>
    public string Host { get; init; } = "0.0.0.0";

    /// <summary>Ranges such as "7000-7009" are already spelled out.</summary>
    public required IReadOnlyList<int> Ports { get; init; }

    /// <summary>Null = none but those of the process.</summary>
    public ConnectionLimits? Limits { get; init; }

    public IReadOnlyList<TcpRoute> Routes { get; init; } = [];
}

/// <summary>Takes connections whose local port is among <see cref="Ports"/>; empty = any port.</summary>
public sealed record TcpRoute
{
    public required string Exit { get; init; }
    public IReadOnlyList<int> Ports { get; init; } = [];
}

/// <summary>Reference §2.1. Dials: ends the chain of a kafka client, whose own client library does the dialling, or of an http client.</summary>
public sealed record TcpClientBinding : BindingConfig
{
    /// <summary>Null: what the stream itself asks for.</summary>
    public string? Host { get; init; }

    public IReadOnlyList<int> Ports { get; init; } = [];
}
