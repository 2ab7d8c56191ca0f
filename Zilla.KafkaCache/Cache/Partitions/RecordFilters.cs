using System.Text;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>Filters as a stream asks for them, with their hashes: a record passes if any matches; none = every record.</summary>
internal sealed class RecordFilters(IEnumerable<KafkaFilter> filters)
{
    public static readonly RecordFilters All = new([]);

    private readonly RecordFilter[] _filters = [.. filters.Select(filter => new RecordFilter(filter))];

    /// <summary>An empty filter matches everything, and then all of them together do.</summary>
    public bool MatchAll => _filters.Length == 0 || Array.Exists(_filters, filter => filter.MatchAll);

    /// <summary>The only keys that a record may have to pass; null = any.</summary>
    public IReadOnlyList<byte[]>? Keys => _filters.Length > 0 && Array.TrueForAll(_filters, filter => filter.Key is not null) ? [.. _filters.Select(filter => filter.Key!)] : null;

    /// <summary>Whether a record with this hash of its key may be among <see cref="Keys"/>.</summary>
    public bool MayHaveKey(uint hash) => _filters.Length == 0 || Array.Exists(_filters, filter => filter.Key is null || filter.KeyHash == hash);

    public bool Matches(in CachedRecord record)
    {
        foreach (var filter in _filters)
        {
            if (filter.Matches(record))
            {
                return true;
            }
        }

        return _filters.Length == 0;
    }

    /// <summary>Gives, in ascending order and once each, the entries in [from, below) that may match.</summary>
    public void Collect(Segment segment, int from, int below, List<int> entries)
    {
        entries.Clear();
        foreach (var filter in _filters)
        {
            filter.Collect(segment, from, below, entries);
        }

        entries.Sort();
        var kept = 0;
        for (var i = 0; i < entries.Count; i++)
        {
            if (kept == 0 || entries[i] != entries[kept - 1])
            {
                entries[kept++] = entries[i];
            }
        }

        entries.RemoveRange(kept, entries.Count - kept);
    }

    private sealed class RecordFilter(KafkaFilter filter)
    {
        private readonly HeaderCondition[] _headers = [.. filter.Headers.Select(header => new HeaderCondition(header))];

        public byte[]? Key { get; } = filter.HasKey ? filter.Key.ToByteArray() : null;

        public uint KeyHash { get; } = filter.HasKey ? RecordHash.OfKey(filter.Key.Span) : 0;

        public bool MatchAll => Key is null && _headers.Length == 0;

        public bool Matches(in CachedRecord record)
        {
            if (Key is not null && !(record.HasKey && record.KeyHash == KeyHash && record.Key.SequenceEqual(Key)))
            {
                return false;
            }

            foreach (var header in _headers)
            {
                if (!header.IsAmong(record.Headers))
                {
                    return false;
                }
            }

            return true;
        }

        public void Collect(Segment segment, int from, int below, List<int> entries)
        {
            // The key is the better sieve; of several headers any one will do, since every candidate is verified.
            if (Key is not null)
            {
                segment.CollectKey(KeyHash, from, below, entries);
            }
            else
            {
                segment.CollectHeader(_headers[0].Hash, from, below, entries);
            }
        }
    }

    private sealed class HeaderCondition
    {
        private readonly RecordHeader _sought;

        public HeaderCondition(KafkaHeader header)
        {
            _sought = new(Encoding.UTF8.GetBytes(header.Name), header.Value.Memory, header.HasValue);
            Hash = RecordHash.OfHeader(_sought);
        }

        public uint Hash { get; }

        public bool IsAmong(RecordHeaders headers)
        {
            foreach (var header in headers)
            {
                if (header.HasValue == _sought.HasValue && header.Name.Span.SequenceEqual(_sought.Name.Span) && header.Value.Span.SequenceEqual(_sought.Value.Span))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
