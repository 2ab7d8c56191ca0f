using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;
using Zilla.Edge.Guards;
using Zilla.Edge.Http;
using Zilla.Edge.Limits;
using Zilla.EdgeHttp.Handover;
using Zilla.EdgeHttp.Sse;
using Zilla.EdgeHttp.SseKafka;

namespace Zilla.EdgeHttp.Server;

/// <summary>What the bindings of this edge work with besides.</summary>
internal sealed class HttpGatewayParts(
    CacheClient cache, GrpcEdge grpc, GuardCompiler guards, RequestLimiters limiters, OpenStreams streams, IOptions<HttpEdgeOptions> options, TimeProvider time, ILogger<SseStream> sseLogger)
    : GatewayParts(guards, limiters, time)
{
    public CacheClient Cache => cache;
    public GrpcEdge Grpc => grpc;
    public OpenStreams Streams => streams;
    public HttpEdgeOptions Options => options.Value;
    public ILogger SseLogger => sseLogger;

    /// <summary>Shared by all routes: a plan that comes between a request and its repetition changes nothing.</summary>
    public RequestsUnderWay UnderWay { get; } = new(time);

    /// <summary>Where idempotency keys come from that clients did not bring.</summary>
    public Func<Guid> NewGuid { get; init; } = RandomIds.Next;
}
