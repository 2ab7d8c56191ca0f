using System.Buffers;

namespace Zilla.EdgeMqtt.Packets;

/// <summary>PINGREQ and PINGRESP (§3.12, 3.13).</summary>
/// <remarks><code>C0 00 │ D0 00</code></remarks>
internal static class PingPacket
{
    public static bool TryRead(in MqttFrame frame, out MqttError error) => new PacketReader(frame.Body).TryFinish(out error);

    public static void WriteRequest(IBufferWriter<byte> destination) => destination.Write<byte>([(byte)PacketType.Pingreq << 4, 0]);

    public static void WriteResponse(IBufferWriter<byte> destination) => destination.Write<byte>([(byte)PacketType.Pingresp << 4, 0]);
}
