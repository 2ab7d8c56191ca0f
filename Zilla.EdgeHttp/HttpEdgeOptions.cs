namespace Zilla.EdgeHttp;

/// <summary>Configuration section <c>Zilla:Edge:Http</c>, as far as it is about what this edge serves; the rest is in <see cref="Zilla.Edge.Http.HttpServerOptions"/>.</summary>
internal sealed class HttpEdgeOptions
{
    /// <summary>The largest request body that becomes a record; a larger one is answered with 413. Default 1 000 000 bytes, what Kafka takes by default.</summary>
    public int MaxBodyBytes { get; set; } = 1_000_000;

    /// <summary>After so long without an event an SSE stream gets a comment, so that no intermediary takes it for dead. Default 15 s.</summary>
    public TimeSpan SseKeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The longest event id that a client may come back with; default 16 384 characters. An id holds some 8 bytes per partition beside the key.
    /// </summary>
    public int MaxLastEventIdLength { get; set; } = 16_384;

    /// <summary>
    /// How long a request of a route with <c>reply-to</c> waits for its response before it is answered with 504, unless the client prefers
    /// another wait. Default 60 s, what many clients and intermediaries take.
    /// </summary>
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that <c>Prefer: wait=N</c> may wait. Default one day.</summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromDays(1);
}
