using System.Buffers.Binary;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Kafka's default partitioner for keyed records, for keys that are not the record's own.</summary>
internal static class Murmur2
{
    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (int)(Hash(key) & 0x7FFFFFFF) % partitions;

    private static uint Hash(ReadOnlySpan<byte> data)
    {
        const uint Multiplier = 0x5BD1E995;
        var hash = 0x9747B28C ^ (uint)data.Length;
        for (; data.Length >= 4; data = data[4..])
        {
            var four = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            four ^= four >> 24;
            hash = (hash * Multiplier) ^ (four * Multiplier);
        }

        if (data.Length > 0)
        {
            for (var i = data.Length - 1; i >= 0; i--)
            {
                hash ^= (uint)data[i] << (8 * i);
            }

            hash *= Multiplier;
        }

        hash ^= hash >> 13;
        hash *= Multiplier;
        return hash ^ (hash >> 15);
    }
}
