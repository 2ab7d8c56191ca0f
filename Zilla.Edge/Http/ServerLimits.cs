using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Zilla.Edge.Http;

/// <summary>The limits of <see cref="HttpServerOptions"/> as Kestrel's, which enforces them and announces them to HTTP/2 clients.</summary>
public static class ServerLimits
{
    public static void Apply(KestrelServerOptions kestrel, HttpServerOptions options)
    {
        var limits = kestrel.Limits;
        limits.MaxRequestLineSize = options.MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = options.MaxHeadersBytes;
        limits.MaxRequestHeaderCount = options.MaxHeaders;
        limits.RequestHeadersTimeout = options.HeadersTimeout;
        limits.KeepAliveTimeout = options.IdleTimeout;
        limits.MinRequestBodyDataRate = Rate(options.MinRequestRate, options);

        // Over HTTP/2 it would hold for the connection, event streams included: see PacedBody.
        limits.MinResponseDataRate = null;

        // A path is a field as any other there.
        limits.Http2.MaxRequestHeaderFieldSize = options.MaxRequestLineBytes;
        limits.Http2.MaxStreamsPerConnection = options.MaxStreams;
    }

    /// <summary>Null: at any pace.</summary>
    public static MinDataRate? ResponseRate(HttpServerOptions options) => Rate(options.MinResponseRate, options);

    private static MinDataRate? Rate(int bytesPerSecond, HttpServerOptions options) => bytesPerSecond > 0 ? new MinDataRate(bytesPerSecond, options.RateGrace) : null;
}
