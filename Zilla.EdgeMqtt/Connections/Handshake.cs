using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Connections;
using Zilla.Edge.Guards;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Publishing;
using Zilla.EdgeMqtt.Server;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>From the first byte to CONNACK: who the client is, whether it may, and its session. Whatever is wrong is answered in CONNACK, and the connection ends.</summary>
internal sealed class Handshake(ConnectionContext context, MqttServerModel server, MqttParts parts, IOutputOwner owner)
{
    private const int LongestClientId = 256;

    private ConnectPacket? _packet;
    private long _begun;

    /// <summary>There once CONNECT has said how the client speaks.</summary>
    public PacketOutput? Output { get; private set; }

    /// <summary>There once it has been let in.</summary>
    public Client? Client { get; private set; }

    /// <summary>Null: the client has been refused, or has gone.</summary>
    /// <param name="grants">What its certificate grants it.</param>
    /// <param name="cancellationToken">The connection has ended.</param>
    public async Task<ISession?> RunAsync(Grants grants, CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is not { } frame)
        {
            return null;
        }

        _begun = parts.Time.GetTimestamp();
        var isSound = ConnectPacket.TryRead(frame, out var packet, out var answerIn, out var error);
        Output = new(context.Transport.Output, TermsOf(isSound ? packet : null, answerIn));
        _packet = packet;
        if (!isSound)
        {
            return Refuse(error);
        }

        if (Fault(packet) is { } fault)
        {
            return Refuse(fault);
        }

        if (server.Guard is { } guard && await guard.JudgeAsync(packet, cancellationToken) is { } verdict)
        {
            if (verdict.Grant is not { } grant)
            {
                return Refuse(verdict.Refusal == Refusal.KeysUnavailable
                    ? new(ReasonCode.ServerUnavailable, "credentials cannot be judged at present")
                    : new(ReasonCode.BadUserNameOrPassword, "the credentials are not accepted"));
            }

            grants = grants.With(grant);
        }

        return await AdmitAsync(packet, grants, cancellationToken);
    }

    /// <summary>Says that all is well.</summary>
    public void Accept(bool sessionPresent)
    {
        server.Metrics.Connected(Output!.Version, parts.Time.GetElapsedTime(_begun));
        MqttLog.Connected(parts.Logger, server.Name, Client!.Id, Output.Version, context.RemoteEndPoint);
        var properties = Output.Version == MqttVersion.V5 ? Connack.Terms(_packet!, Client) : default;
        Output.Write(new ConnackPacket { SessionPresent = sessionPresent, Properties = properties });
    }

    /// <summary>The whole of CONNECT, in memory of its own; null: the client has gone, or says something else.</summary>
    private async Task<MqttFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        var input = context.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            switch (FrameReader.TryRead(ref buffer, Math.Min(server.Limits.Packet, parts.Options.MaxConnectBytes), null, out var frame, out _))
            {
                case FrameStatus.Packet when frame.Type == PacketType.Connect:
                    var own = frame with { Body = new(frame.Body.ToArray()) };
                    input.AdvanceTo(buffer.Start);
                    server.Metrics.BytesReceived(read.Buffer.Length - buffer.Length);
                    return own;
                case FrameStatus.NeedsMore when !read.IsCompleted:
                    input.AdvanceTo(buffer.Start, buffer.End);
                    break;
                default:
                    // [MQTT-3.1.0-1] Nobody knows which version it would understand.
                    input.AdvanceTo(buffer.Start);
                    return null;
            }
        }
    }

    private OutputTerms TermsOf(ConnectPacket? packet, MqttVersion version)
    {
        var properties = packet?.Properties ?? default;
        return new()
        {
            Version = version,
            Metrics = server.Metrics,
            Time = parts.Time,
            Owner = owner,
            Budget = parts.Options.OutputBytes,
            ReceiveMaximum = properties.ReceiveMaximum,
            TopicAliasMaximum = (ushort)Math.Min(properties.TopicAliasMaximum, parts.Options.OutboundTopicAliases),
            MaximumPacketSize = properties.MaximumPacketSize ?? uint.MaxValue,
        };
    }

    /// <summary>What is wrong, whoever the client is.</summary>
    private MqttError? Fault(ConnectPacket packet)
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

    private async Task<ISession?> AdmitAsync(ConnectPacket packet, Grants grants, CancellationToken cancellationToken)
    {
        var id = packet.ClientId.IsEmpty ? Guid.NewGuid().ToString("N") : packet.ClientId.ToString();
        if (server.Admit(id, grants) is not var (kafka, rights))
        {
            return Refuse(new(ReasonCode.NotAuthorized, "no route takes the client"));
        }

        if (packet.Will is { } will)
        {
            if (will.QualityOfService > kafka.MaximumQoS)
            {
                return Refuse(new(ReasonCode.QoSNotSupported, "the QoS of the will is more than the server's (3.2.2.3.4)"));
            }

            if (!rights.MayPublish(will.Topic) || kafka.Mapping.MessagesOf(will.Topic) is null)
            {
                return Refuse(new(ReasonCode.NotAuthorized, "the client may not publish its will"));
            }
        }

        Client = ClientOf(packet, id, kafka, rights, grants);
        if (!server.Limiter.TryEnter())
        {
            return Refuse(new(ReasonCode.ServerBusy, "as many clients are connected as may be"));
        }

        ISession? session = null;
        try
        {
            session = await parts.Sessions.ConnectAsync(
                new SessionRequest(kafka.Space, id) { CleanStart = packet.CleanStart, Expiry = Client.SessionExpiry, Will = WillOf(packet.Will, Client) }, cancellationToken);
            return session;
        }
        catch (SessionRefusedException e)
        {
            return Refuse(new(ReasonCodes.IsAllowed(PacketType.Connack, MqttSender.Server, e.Reason) ? e.Reason : ReasonCode.UnspecifiedError, e.Message));
        }
        finally
        {
            if (session is null)
            {
                server.Limiter.Leave();
            }
        }
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
            Sender = server.Limiter.SenderOf((context.RemoteEndPoint as IPEndPoint)?.Address, grants),
        };
    }

    private static MqttWill? WillOf(WillMessage? will, Client client)
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
        record.Value = Google.Protobuf.ByteString.CopyFrom(will.Payload.Span);
        return new MqttWill
        {
            Delay = will.Properties.WillDelayInterval ?? 0,
            Qos = (uint)will.QualityOfService,
            Retain = will.Retain,
            Record = record,
            Topic = will.Topic.ToString(),
            Properties = Google.Protobuf.ByteString.CopyFrom(will.Properties.Encoded.Span),
        };
    }

    /// <summary>Gives null, for there will be no session.</summary>
    private ISession? Refuse(MqttError error)
    {
        server.Metrics.RefusedWith(PacketType.Connack, error.Reason);
        MqttLog.Refused(parts.Logger, server.Name, context.RemoteEndPoint, (int)error.Reason, error.Cause);
        if (Output!.Version == MqttVersion.V5 || ReasonCodes.ToReturnCode(error.Reason) is not null)
        {
            var packet = new ConnackPacket { Reason = error.Reason, Properties = ReasonText.Of(error) };
            Output.Write(packet.Size(Output.Version) <= Output.MaximumPacketSize ? packet : packet with { Properties = default });
        }

        return null;
    }
}
