using System.Net;
using System.Text;
using System.Text.Unicode;
using Google.Protobuf;
using Zilla.Edge.Guards;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Publishing;
using Zilla.EdgeMqtt.Server;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>Whether a client is let in, and on which terms. It only judges: nothing is begun for a client here.</summary>
internal sealed class Admission(MqttServerModel server, EndPoint? remote)
{
    private const int LongestClientId = 256;

    /// <summary>What is wrong, whoever the client is.</summary>
    public MqttError? Fault(ConnectPacket packet)
    {
        if (!server.Speaks(packet.Version))
        {
            return new(ReasonCode.UnsupportedProtocolVersion, "the server does not speak this version here");
        }

        if (packet.Properties.AuthenticationMethod is not null)
        {
            return new(ReasonCode.BadAuthenticationMethod, "enhanced authentication is not supported (4.12)");
        }

        if (packet.ClientId.Length > LongestClientId || packet.ClientId.Span.Contains((byte)'#'))
        {
            return new(ReasonCode.ClientIdentifierNotValid, "a client identifier has at most 256 bytes, none of them '#'");
        }

        return packet.Will is { } will && will.Properties.PayloadFormatIndicator == 1 && !Utf8.IsValid(will.Payload.Span)
            ? new(ReasonCode.PayloadFormatInvalid, "the payload of the will is not UTF-8, as it says")
            : null;
    }

    /// <summary>Null: it is not let in.</summary>
    /// <param name="packet">CONNECT.</param>
    /// <param name="grants">What the client is granted by what it showed.</param>
    /// <param name="refusal">Why not.</param>
    public Client? Judge(ConnectPacket packet, Grants grants, out MqttError refusal)
    {
        refusal = default;
        var id = packet.ClientId.IsEmpty ? Guid.NewGuid().ToString("N") : packet.ClientId.ToString();
        if (server.Admit(id, grants) is not var (kafka, rights))
        {
            refusal = new(ReasonCode.NotAuthorized, "no route takes the client");
            return null;
        }

        if (packet.Will is { } will)
        {
            if (will.QualityOfService > kafka.MaximumQoS)
            {
                refusal = new(ReasonCode.QoSNotSupported, "the QoS of the will is more than the server's (3.2.2.3.4)");
                return null;
            }

            if (!rights.MayPublish(will.Topic) || kafka.Mapping.MessagesOf(will.Topic) is null)
            {
                refusal = new(ReasonCode.NotAuthorized, "the client may not publish its will");
                return null;
            }
        }

        return ClientOf(packet, id, kafka, rights, grants);
    }

    /// <summary>What the session has to publish for a client that is gone; null: nothing.</summary>
    public static MqttWill? WillOf(WillMessage? will, Client client)
    {
        if (will is null)
        {
            return null;
        }

        var packet = new PublishPacket
        {
            Topic = will.Topic,
            QualityOfService = will.QualityOfService,
            Retain = will.Retain,
            Properties = will.Properties,
            Payload = new(will.Payload),
        };
        var record = Records.Of(packet, client);
        record.Value = ByteString.CopyFrom(will.Payload.Span);
        return new MqttWill
        {
            Delay = will.Properties.WillDelayInterval ?? 0,
            Qos = (uint)will.QualityOfService,
            Retain = will.Retain,
            Record = record,
            Topic = will.Topic.ToString(),
            Properties = ByteString.CopyFrom(will.Properties.Encoded.Span),
        };
    }

    private Client ClientOf(ConnectPacket packet, string id, MqttKafkaModel kafka, ClientRights rights, Grants grants)
    {
        // 3.1.1 knows no expiry: a session ends with its connection, or never by itself.
        var asked = packet.Version == MqttVersion.V5 ? packet.Properties.SessionExpiryInterval ?? 0 : packet.CleanStart ? 0 : uint.MaxValue;
        var allowed = server.Limits.SessionExpiry is { } longest ? (uint)longest.TotalSeconds : uint.MaxValue;
        var keepAlive = server.Limits.KeepAlive is { } most && (packet.KeepAlive == 0 || packet.KeepAlive > most.TotalSeconds) ? (ushort)most.TotalSeconds : packet.KeepAlive;
        return new Client
        {
            Id = id,
            IdBytes = Encoding.UTF8.GetBytes(id),
            Version = packet.Version,
            Server = server,
            Kafka = kafka,
            Rights = rights,
            Grants = grants,
            Limiter = server.Limiter,
            KeepAlive = keepAlive,
            SessionExpiry = Math.Min(asked, allowed),
            WillTopic = packet.Will is { } will ? new(will.Topic.Utf8.ToArray()) : default,
            Expires = grants.Earliest,
            WantsReasons = packet.Properties.RequestProblemInformation,
            Sender = server.Limiter.SenderOf((remote as IPEndPoint)?.Address, grants),
        };
    }
}
