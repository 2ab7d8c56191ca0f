using System.Buffers.Binary;
using System.Text;

namespace Zilla.KafkaCache.Tests.Produce;

/// <summary>Kafka's default partitioner for keyed records, written from its description: the tests' own measure.</summary>
internal static class Murmur2
{
    public static int Partition(string key, int partitions) => (int)(Hash(Encoding.UTF8.GetBytes(key)) & 0x7FFFFFFF) % partitions;

    private static uint Hash(ReadOnlySpan<byte> data)
    {
        const uint M = 0x5BD1E995;
        var hash = 0x9747B28C ^ (uint)data.Length;
        for (; data.Length >= 4; data = data[4..])
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(data) * M;
            k ^= k >> 24;
            hash = (hash * M) ^ (k * M);
        }

        for (var i = data.Length - 1; i >= 0; i--)
        {
            hash ^= (uint)data[i] << (8 * i);
        }

        hash = data.Length > 0 ? hash * M : hash;
        hash ^= hash >> 13;
        hash *= M;
        return hash ^ (hash >> 15);
    }
}
