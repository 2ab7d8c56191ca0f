using System.Buffers;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Fuzz;

/// <summary>
/// Fuzz target: any bytes as what a peer sends. They are cut into packets and each is read, in both versions and from either side; nothing may be thrown,
/// nothing read beyond the packet, every refusal has a reason, and what was read is written and read again to the same bytes.
/// </summary>
internal static class PacketFuzz
{
    /// <returns>How many packets were sound.</returns>
    public static int Fuzz(ReadOnlySpan<byte> input)
    {
        var sound = 0;
        var bytes = input.ToArray();
        foreach (var version in new[] { MqttVersion.V311, MqttVersion.V5 })
        {
            foreach (var sender in new[] { MqttSender.Client, MqttSender.Server })
            {
                sound += Read(new(bytes), version, sender);
            }
        }

        return sound;
    }

    /// <summary>Reads the packet and writes it; null when it is refused.</summary>
    public static byte[]? Rewrite(in MqttFrame frame, MqttVersion version, MqttSender sender, out MqttError error)
    {
        var output = new ArrayBufferWriter<byte>();
        switch (frame.Type)
        {
            case PacketType.Connect:
                if (ConnectPacket.TryRead(frame, out var connect, out _, out error))
                {
                    connect.Write(output);
                }

                break;
            case PacketType.Connack:
                if (ConnackPacket.TryRead(frame, version, out var connack, out error))
                {
                    connack.Write(output, version);
                    Expect(connack.Size(version) == output.WrittenCount);
                }

                break;
            case PacketType.Publish:
                if (PublishPacket.TryRead(frame, version, sender, out var publish, out error))
                {
                    publish.Write(output, version);
                    Expect(publish.Size(version) == output.WrittenCount);
                }

                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                if (AcknowledgePacket.TryRead(frame, version, out var acknowledge, out error))
                {
                    acknowledge.Write(output, version);
                    Expect(acknowledge.Size(version) == output.WrittenCount);
                }

                break;
            case PacketType.Subscribe:
                if (SubscribePacket.TryRead(frame, version, out var subscribe, out error))
                {
                    subscribe.Write(output, version);
                }

                break;
            case PacketType.Unsubscribe:
                if (UnsubscribePacket.TryRead(frame, version, out var unsubscribe, out error))
                {
                    unsubscribe.Write(output, version);
                }

                break;
            case PacketType.Suback or PacketType.Unsuback:
                if (SubscriptionAnswerPacket.TryRead(frame, version, out var answer, out error))
                {
                    answer.Write(output, version);
                    Expect(answer.Size(version) == output.WrittenCount);
                }

                break;
            case PacketType.Pingreq:
                if (PingPacket.TryRead(frame, out error))
                {
                    PingPacket.WriteRequest(output);
                }

                break;
            case PacketType.Pingresp:
                if (PingPacket.TryRead(frame, out error))
                {
                    PingPacket.WriteResponse(output);
                }

                break;
            default:
                if (ReasonPacket.TryRead(frame, version, sender, out var reason, out error))
                {
                    reason.Write(output, version);
                    Expect(reason.Size(version) == output.WrittenCount);
                }

                break;
        }

        Expect(output.WrittenCount > 0 == (error == default));
        Expect(error == default || (error.Reason >= ReasonCode.UnspecifiedError && error.Cause.Length > 0));
        return output.WrittenCount > 0 ? output.WrittenSpan.ToArray() : null;
    }

    private static int Read(ReadOnlySequence<byte> input, MqttVersion version, MqttSender sender)
    {
        for (var sound = 0; ;)
        {
            var before = input.Length;
            var status = FrameReader.TryRead(ref input, 1 << 16, version, out var frame, out var error);
            Expect(status == FrameStatus.Malformed == error.Reason >= ReasonCode.UnspecifiedError);
            if (status != FrameStatus.Packet)
            {
                Expect(input.Length == before);
                return sound;
            }

            Expect(before - input.Length >= 2 + frame.Body.Length);
            if (Rewrite(frame, version, sender, out _) is { } written)
            {
                // The shortest form of a packet is not always the one it came in; the second time it is.
                var again = new ReadOnlySequence<byte>(written);
                var connectVersion = frame.Type == PacketType.Connect ? (MqttVersion?)null : version;
                Expect(FrameReader.TryRead(ref again, 1 << 17, connectVersion, out var same, out _) == FrameStatus.Packet && again.IsEmpty);
                Expect(Rewrite(same, version, sender, out _) is { } twice && twice.AsSpan().SequenceEqual(written));
                sound++;
            }
        }
    }

    private static void Expect(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("The codec broke its word.");
        }
    }
}
