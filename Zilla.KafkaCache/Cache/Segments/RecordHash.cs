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

    public static uint OfHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool hasValue)
    {
        var hash = default(HashCode);
        hash.AddBytes(name);
        hash.Add(hasValue);
        hash.AddBytes(value);
        return (uint)hash.ToHashCode();
    }
}
