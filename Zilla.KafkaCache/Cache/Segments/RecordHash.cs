using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Cache.Segments;

/// <summary>
/// Hashes for the indexes. Seeded per process (by <see cref="HashCode"/>), so that nobody outside can choose keys that collide; a hash only
/// finds candidates, the bytes decide.
/// </summary>
internal static class RecordHash
{
    public static uint OfKey(ReadOnlySpan<byte> key)
    {
        var hash = default(HashCode);
        hash.AddBytes(key);
        return (uint)hash.ToHashCode();
    }

    public static uint OfHeader(in RecordHeader header)
    {
        var hash = default(HashCode);
        hash.AddBytes(header.Name.Span);
        hash.Add(header.HasValue);
        hash.AddBytes(header.Value.Span);
        return (uint)hash.ToHashCode();
    }
}
