using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>Compares the tags of a measurement with those of a series without copying them. Their order counts: it is that of one place in the code.</summary>
internal sealed class TagSet : IEqualityComparer<Tag[]>, IAlternateEqualityComparer<ReadOnlySpan<Tag>, Tag[]>
{
    public static TagSet Comparer { get; } = new();

    public Tag[] Create(ReadOnlySpan<Tag> alternate) => alternate.ToArray();

    public bool Equals(Tag[]? x, Tag[]? y) => x is null ? y is null : y is not null && Equals(x.AsSpan(), y);

    public bool Equals(ReadOnlySpan<Tag> alternate, Tag[] other)
    {
        if (alternate.Length != other.Length)
        {
            return false;
        }

        for (var i = 0; i < other.Length; i++)
        {
            if (alternate[i].Key != other[i].Key || !Equals(alternate[i].Value, other[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(Tag[] obj) => GetHashCode(obj.AsSpan());

    public int GetHashCode(ReadOnlySpan<Tag> alternate)
    {
        // Measured with every request: the values alone, and of texts no more than tells them apart here, of which there are few (MaxSeries).
        var hash = alternate.Length;
        foreach (var (_, value) in alternate)
        {
            hash = (hash * 31) + (value is string text ? text.Length == 0 ? 0 : (text.Length << 16) ^ (text[0] << 8) ^ text[^1] : value?.GetHashCode() ?? 0);
        }

        return hash;
    }
}
