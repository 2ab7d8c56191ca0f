namespace Zilla.DevKafka.Listeners;

/// <summary>The bounds that keep one client's misbehaviour to its own connection.</summary>
internal sealed record ListenerOptions
{
    /// <summary>A longer request costs the connection, before any of it is buffered. Bytes; default 100 MiB (Apache Kafka's socket.request.max.bytes).</summary>
    public int MaximumRequestBytes { get; init; } = 100 << 20;

    /// <summary>Default 10 000.</summary>
    public int MaximumConnections { get; init; } = 10_000;

    /// <summary>How long a connection may be silent between requests. Default 10 minutes (Apache Kafka's connections.max.idle.ms).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a client may pause inside a request, or leave a response unread. Default 30 s.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Null: plain.</summary>
    public ListenerTls? Tls { get; init; }
}
