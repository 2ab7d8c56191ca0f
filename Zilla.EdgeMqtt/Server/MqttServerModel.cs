using Zilla.Config.Bindings;
using Zilla.Edge.Guards;
using Zilla.Edge.Limits;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Server;

/// <summary>An mqtt server binding, compiled.</summary>
internal sealed class MqttServerModel(
    MqttServerBinding binding, MqttMetrics metrics, MqttGuard? guard, MessageLimiter limiter, IReadOnlyList<MqttRouteModel> routes, MqttKafkaModel? otherwise)
{
    private readonly bool _v311 = binding.Versions.Contains("v3.1.1");
    private readonly bool _v5 = binding.Versions.Contains("v5");

    public string Name => binding.Name;

    public MqttMetrics Metrics => metrics;

    /// <summary>Null: clients are not asked who they are.</summary>
    public MqttGuard? Guard => guard;

    public MessageLimiter Limiter => limiter;

    public MqttLimits Limits => binding.Limits;

    public bool Speaks(MqttVersion version) => version == MqttVersion.V5 ? _v5 : _v311;

    /// <summary>Where a client has its session, and what it may do there; null: no route takes it.</summary>
    public (MqttKafkaModel Kafka, ClientRights Rights)? Admit(string clientId, Grants grants)
    {
        var open = routes.Where(route => route.Admits(grants)).ToList();
        var kafka = open.Find(route => route.TakesSession(clientId))?.Exit ?? otherwise;
        return kafka is null ? null
            : kafka == otherwise ? (kafka.For(grants), ClientRights.All)
            : (kafka.For(grants), ClientRights.Of([.. open.Where(route => route.Exit == kafka)], grants));
    }
}
