using Zilla.Edge.Limits;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Server;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>
/// What a configuration that came into force means for a client that is connected: other rights and rates, or the end. What CONNACK promised (receive maximum, packet size,
/// aliases, keep alive, session expiry) holds for as long as the connection does; credentials are not judged a second time, what they granted counts.
/// </summary>
internal sealed class Rejudgement
{
    private Rejudgement(MqttError end) => End = end;

    private Rejudgement(ClientRights rights, MessageLimiter limiter) => (Rights, Limiter) = (rights, limiter);

    /// <summary>Why the connection ends; default: it goes on.</summary>
    public MqttError End { get; }

    /// <summary>There if the connection goes on.</summary>
    public ClientRights? Rights { get; }

    /// <inheritdoc cref="Rights"/>
    public MessageLimiter? Limiter { get; }

    /// <summary>It may not publish its will any more, whether the connection goes on or not.</summary>
    public bool ForgetsWill { get; private init; }

    /// <param name="client">As it was let in.</param>
    /// <param name="server">What would serve its connection now; null: nothing.</param>
    public static Rejudgement Of(Client client, MqttServerModel? server)
    {
        if (server is null || server.Name != client.Server.Name || !server.Speaks(client.Version))
        {
            return new(new MqttError(ReasonCode.AdministrativeAction, "the configuration has changed: the connection is served elsewhere, or no more"));
        }

        if (server.Admit(client.Id, client.Grants) is not var (kafka, rights))
        {
            return new(new MqttError(ReasonCode.NotAuthorized, "the configuration has changed: no route takes the client")) { ForgetsWill = client.HasWill };
        }

        var forgetsWill = client.HasWill && !rights.MayPublish(client.WillTopic);
        return kafka.SaysTheSame(client.Kafka)
            ? new(rights, server.Limiter) { ForgetsWill = forgetsWill }
            : new(new MqttError(ReasonCode.AdministrativeAction, "the configuration has changed: messages, or the session, are in other topics")) { ForgetsWill = forgetsWill };
    }

    /// <summary>Has it take effect.</summary>
    public void Pass(MqttConnection connection)
    {
        if (ForgetsWill)
        {
            // Before the end: the session hears of both in this order.
            connection.ForgetWill();
        }

        if (End == default)
        {
            connection.Change(this);
        }
        else
        {
            connection.Disconnect(End);
        }
    }
}
