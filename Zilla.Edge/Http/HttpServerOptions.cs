namespace Zilla.Edge.Http;

/// <summary>Configuration section <c>Zilla:Edge:Http</c>: what HTTP clients may do, whatever is served to them.</summary>
public sealed class HttpServerOptions
{
    public const string Section = "Zilla:Edge:Http";

    /// <summary>
    /// The longest request line, and over HTTP/2 the longest header field; 414 beyond it, over HTTP/2 the connection ends. Default 24 KiB: a client may
    /// come back with a last event id in its query.
    /// </summary>
    public int MaxRequestLineBytes { get; set; } = 24 << 10;

    /// <summary>
    /// All header fields of a request together; 431 beyond it. Announced to HTTP/2 clients (SETTINGS_MAX_HEADER_LIST_SIZE), whose connection ends when they
    /// exceed twice as much. Default 32 KiB; Zilla's 8192 would be too little for the last event ids that are accepted here.
    /// </summary>
    public int MaxHeadersBytes { get; set; } = 32 << 10;

    /// <summary>The number of header fields of a request; 431 beyond it, over HTTP/2 the connection ends beyond twice as many. Default 100.</summary>
    public int MaxHeaders { get; set; } = 100;

    /// <summary>In which a request's head must have come, from its first byte on; 408 after it. Default 10 s.</summary>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After so long without a request a connection is closed. Default 130 s.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>Requests under way on one HTTP/2 connection (SETTINGS_MAX_CONCURRENT_STREAMS). Default 1000.</summary>
    public int MaxStreams { get; set; } = 1000;

    /// <summary>
    /// The slowest that a client may send a body, in bytes per second once <see cref="RateGrace"/> is over; 408 below it. 0: at any pace. Default 240.
    /// </summary>
    public int MinRequestRate { get; set; } = 240;

    /// <summary>The slowest that a client may read a response that has an end; its connection ends below it, over HTTP/2 its stream. 0: at any pace. Default 240 bytes per second.</summary>
    public int MinResponseRate { get; set; } = 240;

    /// <summary>How long a client may be slower than that. Default 5 s.</summary>
    public TimeSpan RateGrace { get; set; } = TimeSpan.FromSeconds(5);
}
