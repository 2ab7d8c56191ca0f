using System.Net;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Proxy;

/// <summary>What a load balancer says of a connection.</summary>
internal sealed record ProxyHeader
{
    /// <summary>It says nothing: the connection is its own, or of a kind that it does not know. The addresses are those of the connection itself then.</summary>
    public static ProxyHeader Nothing { get; } = new();

    public ProxyTransport Transport { get; init; }

    /// <summary>The client. <see cref="IPEndPoint"/> or <see cref="UnixPath"/>; null: nothing is said.</summary>
    public EndPoint? Source { get; init; }

    /// <summary>Where the client connected to.</summary>
    public EndPoint? Destination { get; init; }

    public string? Alpn { get; init; }
    public string? Authority { get; init; }

    /// <summary>The unique id, as text.</summary>
    public string? Identity { get; init; }

    public string? Namespace { get; init; }

    /// <summary>Null: the client did not speak TLS with the load balancer, or that is not said.</summary>
    public ProxySecurity? Secure { get; init; }
}

/// <summary>A socket of the load balancer's machine; empty: it has no name.</summary>
internal sealed class UnixPath(string path) : EndPoint
{
    public override string ToString() => $"unix:{path}";
}
