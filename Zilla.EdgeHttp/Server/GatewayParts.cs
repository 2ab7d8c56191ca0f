using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;
using Zilla.Edge.Guards;
using Zilla.Edge.Limits;
using Zilla.EdgeHttp.HttpKafka.Correlated;
using Zilla.EdgeHttp.Sse;
using Zilla.EdgeHttp.SseKafka;

namespace Zilla.EdgeHttp.Server;

/// <summary>What compiled bindings work with; lives as long as the process, whatever plans come and go.</summary>
internal sealed class GatewayParts(
    CacheClient cache, GuardCompiler guards, RequestLimiters limiters, OpenStreams streams, IOptions<HttpEdgeOptions> options, TimeProvider time, ILogger<SseStream> sseLogger)
{
    public CacheClient Cache => cache;
    public GuardCompiler Guards => guards;
    public RequestLimiters Limiters => limiters;
    public OpenStreams Streams => streams;
    public HttpEdgeOptions Options => options.Value;
    public TimeProvider Time => time;
    public ILogger SseLogger => sseLogger;

    /// <summary>Shared by all routes: a plan that comes between a request and its repetition changes nothing.</summary>
    public RequestsUnderWay UnderWay { get; } = new(time);

    /// <summary>Where idempotency keys come from that clients did not bring.</summary>
    public Func<Guid> NewGuid { get; init; } = Guid.NewGuid;
}
