namespace Zilla.EdgeGrpc.Upstream;

/// <summary>Configuration section <c>Zilla:Edge:Grpc:Upstream</c>: connections to services.</summary>
internal sealed class UpstreamOptions
{
    public const string Section = "Zilla:Edge:Grpc:Upstream";

    /// <summary>In which a connection must be there, TLS included; calls that wait for it end with UNAVAILABLE. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection without calls is kept. Default 2 min.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>After so long new calls go on another connection, so that changes of the name service count. Default 15 min.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Headers of a request, metadata and those of HTTP/2 itself together; a call with more ends with RESOURCE_EXHAUSTED, and is not sent. Default 100: Kestrel ends the connection over more.</summary>
    public int MaxHeaders { get; set; } = 100;

    /// <summary>Bytes of them, 32 for each besides its name and value. Default 32 KiB, likewise.</summary>
    public int MaxHeadersBytes { get; set; } = 32 << 10;

    /// <summary>
    /// After so long without a word on a connection with calls it is asked by an HTTP/2 PING whether it lives. Default 305 s: the servers of gRPC's own libraries end connections
    /// that ask more often than every 5 min. That the host is there is asked by TCP before.
    /// </summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(305);

    /// <summary>In which it must answer. Default 20 s.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>After so long without a word TCP asks whether the host lives, and three times more, <see cref="TcpKeepAliveInterval"/> apart. Default 30 s.</summary>
    public TimeSpan TcpKeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Default 5 s.</summary>
    public TimeSpan TcpKeepAliveInterval { get; set; } = TimeSpan.FromSeconds(5);
}
