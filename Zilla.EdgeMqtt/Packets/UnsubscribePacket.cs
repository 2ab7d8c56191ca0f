using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>UNSUBSCRIBE (§3.10).</summary>
/// <remarks><code>│ packet identifier:2 │ properties (MQTT 5) │ filter+ │</code></remarks>
internal sealed record UnsubscribePacket
{
    public required ushort PacketId { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<TopicFilter> Filters { get; init; }

    public MqttProperties Properties { get; init; }

    public static bool TryRead(in MqttFrame frame, MqttVersion version, out UnsubscribePacket packet, out MqttError error)
    {
        var reader = new PacketReader(frame.Body);
        var id = reader.ReadPacketId();
        var properties = reader.ReadProperties(PropertyPlace.Unsubscribe, version);
        reader.Require(!reader.AtEnd || reader.Error is not null, "no topic filter (MQTT-3.10.3-2)");
        var filters = new List<TopicFilter>();
        while (!reader.AtEnd)
        {
            reader.Require(TopicFilter.TryParse(reader.ReadString(), version, out var filter), "a topic filter is not well formed (MQTT-4.7.1-1, 4.7.1-2, 4.7.3-1, 4.8.2-1, 4.8.2-2)");
            filters.Add(filter);
        }

        packet = new() { PacketId = id, Properties = properties, Filters = filters };
        return reader.TryFinish(out error);
    }

    public void Write(IBufferWriter<byte> destination, MqttVersion version)
    {
        var remaining = 2L + PacketWriter.PropertiesSize(Properties, version) + Filters.Sum(f => 2L + f.Text.Length);
        var writer = new PacketWriter(destination.GetSpan((int)(PacketWriter.HeaderSize(remaining) + remaining)));
        writer.WriteHeader(PacketType.Unsubscribe, 2, remaining);
        writer.WriteUInt16(PacketId);
        writer.WriteProperties(Properties, version);
        foreach (var filter in Filters)
        {
            writer.WriteBinary(filter.Text.Span);
        }

        destination.Advance(writer.Position);
    }
}
