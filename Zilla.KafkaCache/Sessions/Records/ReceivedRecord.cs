using System.Buffers.Binary;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>The value of <c>{client id}#received</c>, which is ours: the packet ids of the client's QoS 2 publishes that are in Kafka and wait for PUBREL.</summary>
/// <remarks>
/// <code>
/// 01 │ packet id:2, big-endian │ …
/// </code>
/// </remarks>
internal static class ReceivedRecord
{
    private const byte Version = 1;

    public static byte[] Write(IReadOnlyCollection<ushort> packetIds)
    {
        var record = new byte[1 + packetIds.Count * 2];
        record[0] = Version;
        var at = 1;
        foreach (var id in packetIds)
        {
            BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(at), id);
            at += 2;
        }

        return record;
    }

    public static bool TryRead(ReadOnlySpan<byte> record, out List<ushort> packetIds)
    {
        packetIds = [];
        if (record.IsEmpty || record[0] != Version || record.Length % 2 == 0)
        {
            return false;
        }

        for (var at = 1; at < record.Length; at += 2)
        {
            packetIds.Add(BinaryPrimitives.ReadUInt16BigEndian(record[at..]));
        }

        return !packetIds.Contains(0);
    }
}
