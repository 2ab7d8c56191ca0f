namespace Zilla.Config.Bindings;

/// <summary>
/// Reference §2.3. Reads what a load balancer says of the client before anything else on the connection (PROXY protocol, version 2); what it exits to
/// reads the rest.
/// </summary>
public sealed record ProxyServerBinding : BindingConfig
{
    public IReadOnlyList<ProxyRoute> Routes { get; init; } = [];
}

/// <summary>Takes a connection if any of <see cref="When"/> holds; none = always.</summary>
public sealed record ProxyRoute
{
    public required string Exit { get; init; }
    public IReadOnlyList<ProxyCondition> When { get; init; } = [];
}

/// <summary>All that is given has to hold. Of a connection that the load balancer opened for itself, its own addresses count.</summary>
public sealed record ProxyCondition
{
    public ProxyTransport? Transport { get; init; }
    public ProxyFamily? Family { get; init; }
    public ProxyEndpoint? Source { get; init; }
    public ProxyEndpoint? Destination { get; init; }

    /// <summary>The application protocol agreed on (ALPN).</summary>
    public string? Alpn { get; init; }

    /// <summary>Pattern (<c>*</c>) of the host name that the client asked for; letter case does not matter.</summary>
    public string? Authority { get; init; }

    /// <summary>The unique id of the connection.</summary>
    public string? Identity { get; init; }

    /// <summary>The network namespace.</summary>
    public string? Namespace { get; init; }

    public ProxySecurity? Secure { get; init; }
}

public enum ProxyTransport
{
    Stream,
    Datagram,
}

public enum ProxyFamily
{
    /// <summary>Either of the two that follow.</summary>
    Inet,
    Inet4,
    Inet6,
    Unix,
}

public sealed record ProxyEndpoint
{
    /// <summary>An address, or a network such as 10.0.0.0/8; null = any.</summary>
    public string? Host { get; init; }

    /// <summary>Empty = any.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];
}

/// <summary>Of the TLS between client and load balancer; null = any. Texts as the load balancer writes them.</summary>
public sealed record ProxySecurity
{
    public string? Version { get; init; }
    public string? Cipher { get; init; }

    /// <summary>The algorithm of the certificate's key.</summary>
    public string? Key { get; init; }

    /// <summary>The common name of the client's certificate.</summary>
    public string? Name { get; init; }

    /// <summary>The algorithm that the certificate was signed with.</summary>
    public string? Signature { get; init; }
}
