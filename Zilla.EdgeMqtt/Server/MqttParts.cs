using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;
using Zilla.Edge.Guards;
using Zilla.Edge.Http;
using Zilla.Edge.Limits;
using Zilla.EdgeMqtt.Connections;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Server;

/// <summary>What connections work with; lives as long as the process, whatever plans come and go.</summary>
internal sealed class MqttParts(
    ISessions sessions, IDeliveries deliveries, RetainedWrites retained, CacheClient cache, TimerWheel wheel, OpenConnections open, GuardCompiler guards, RequestLimiters limiters, IOptions<MqttEdgeOptions> options,
    TimeProvider time, ILogger<MqttConnection> logger)
    : GatewayParts(guards, limiters, time)
{
    public ISessions Sessions => sessions;
    public IDeliveries Deliveries => deliveries;
    public RetainedWrites RetainedWrites => retained;
    public ProducePipes Pipes => cache.Pipes;
    public TimerWheel Wheel => wheel;
    public OpenConnections Open => open;
    public MqttEdgeOptions Options => options.Value;
    public ILogger Logger => logger;
}
