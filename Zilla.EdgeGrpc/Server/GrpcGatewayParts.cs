using Zilla.Edge.Cache;
using Zilla.Edge.Guards;
using Zilla.Edge.Http;
using Zilla.Edge.Limits;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Upstream;

namespace Zilla.EdgeGrpc.Server;

/// <summary>What the bindings of this edge work with besides.</summary>
internal sealed class GrpcGatewayParts(CacheClient cache, UpstreamChannels services, MessageBudget messages, GuardCompiler guards, RequestLimiters limiters, TimeProvider time, ILogger<GrpcServerModel> logger)
    : GatewayParts(guards, limiters, time)
{
    public CacheClient Cache => cache;
    public UpstreamChannels Services => services;
    public MessageBudget Messages => messages;
    public ILogger Logger => logger;

    /// <summary>Calls with an idempotency key on their way into their topics.</summary>
    public RequestsUnderWay UnderWay { get; } = new(time);

    /// <summary>Where idempotency keys come from that clients did not bring.</summary>
    public Func<Guid> NewGuid { get; init; } = RandomIds.Next;
}
