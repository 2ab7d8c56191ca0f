using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Zilla.Edge.Guards;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Server;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>
/// From the first byte to CONNACK: who the client is, whether it may (<see cref="Admission"/>), and its session. Whatever is wrong is answered in CONNACK, once, and the connection ends. A client that
/// gets no session is counted among those that are connected no longer.
/// </summary>
internal sealed class Handshake(ConnectionContext context, MqttServerModel server, MqttParts parts, IOutputOwner owner)
{
    private readonly Admission _admission = new(server, context.RemoteEndPoint);
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

        if (_admission.Fault(packet) is { } fault)
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

    private async Task<ISession?> AdmitAsync(ConnectPacket packet, Grants grants, CancellationToken cancellationToken)
    {
        if (_admission.Judge(packet, grants, out var refusal) is not { } client)
        {
            return Refuse(refusal);
        }

        if (!server.Limiter.TryEnter())
        {
            return Refuse(new(ReasonCode.ServerBusy, "as many clients are connected as may be"));
        }

        Client = client;
        ISession? session = null;
        try
        {
            session = await parts.Sessions.ConnectAsync(
                new SessionRequest(client.Kafka.Space, client.Id) { CleanStart = packet.CleanStart, Expiry = client.SessionExpiry, Will = Admission.WillOf(packet.Will, client) }, cancellationToken);
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
