using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>SUBSCRIBE (§3.8).</summary>
/// <remarks>
/// <code>
/// │ packet identifier:2 │ properties (MQTT 5) │ { filter │ options }+ │
/// options: C0 reserved │ 30 retain handling │ 08 retain as published │ 04 no local │ 03 maximum QoS
/// </code>
/// In MQTT 3.1.1 all but the QoS is reserved.
/// </remarks>
internal sealed record SubscribePacket
{
    private const int ReservedMask = 0xC0, RetainHandlingShift = 4, RetainAsPublishedFlag = 0x08, NoLocalFlag = 0x04, QoSMask = 0x03;

    public required ushort PacketId { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<Subscription> Subscriptions { get; init; }

    public MqttProperties Properties { get; init; }

    public static bool TryRead(in MqttFrame frame, MqttVersion version, out SubscribePacket packet, out MqttError error)
    {
        var reader = new PacketReader(frame.Body);
        var id = reader.ReadPacketId();
        var properties = reader.ReadProperties(PropertyPlace.Subscribe, version);
        reader.Require(!reader.AtEnd || reader.Error is not null, "no topic filter (MQTT-3.8.3-2; 3.1.1: 3.8.3-3)");
        var subscriptions = new List<Subscription>();
        while (!reader.AtEnd)
        {
            subscriptions.Add(ReadSubscription(ref reader, version));
        }

        packet = new() { PacketId = id, Properties = properties, Subscriptions = subscriptions };
        return reader.TryFinish(out error);
    }

    public void Write(IBufferWriter<byte> destination, MqttVersion version)
    {
        var remaining = 2L + PacketWriter.PropertiesSize(Properties, version) + Subscriptions.Sum(s => 3L + s.Filter.Text.Length);
        var writer = new PacketWriter(destination.GetSpan((int)(PacketWriter.HeaderSize(remaining) + remaining)));
        writer.WriteHeader(PacketType.Subscribe, 2, remaining);
        writer.WriteUInt16(PacketId);
        writer.WriteProperties(Properties, version);
        foreach (var subscription in Subscriptions)
        {
            writer.WriteBinary(subscription.Filter.Text.Span);
            writer.WriteByte((byte)((int)subscription.MaximumQoS
                | (subscription.NoLocal ? NoLocalFlag : 0)
                | (subscription.RetainAsPublished ? RetainAsPublishedFlag : 0)
                | ((int)subscription.RetainHandling << RetainHandlingShift)));
        }

        destination.Advance(writer.Position);
    }

    private static Subscription ReadSubscription(ref PacketReader reader, MqttVersion version)
    {
        var text = reader.ReadString();
        var options = reader.ReadByte();
        reader.Require(TopicFilter.TryParse(text, version, out var filter), "a topic filter is not well formed (MQTT-4.7.1-1, 4.7.1-2, 4.7.3-1, 4.8.2-1, 4.8.2-2)");
        if ((options & (version == MqttVersion.V5 ? ReservedMask : ~QoSMask)) != 0)
        {
            reader.Fail(MqttError.Malformed("reserved options are set (MQTT-3.8.3-5; 3.1.1: 3.8.3-4)"));
        }

        reader.Require((options & QoSMask) != 3, "QoS 3 (3.8.3.1; 3.1.1: MQTT-3.8.3-4)");
        reader.Require((options >> RetainHandlingShift & 3) != 3, "retain handling 3 (3.8.3.1)");
        reader.Require(!filter.IsShared || (options & NoLocalFlag) == 0, "no local on a shared subscription (MQTT-3.8.3-4)");
        return new(
            filter,
            (QualityOfService)(options & QoSMask),
            (options & NoLocalFlag) != 0,
            (options & RetainAsPublishedFlag) != 0,
            (RetainHandling)(options >> RetainHandlingShift & 3));
    }
}
