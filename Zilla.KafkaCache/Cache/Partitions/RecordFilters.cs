using System.Text;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>Filters as a stream asks for them, with their hashes: a record passes if any matches; none = every record.</summary>
/// <exception cref="StreamBrokenException">There are more of them than allowed, or one is against kafka.proto.</exception>
internal sealed class RecordFilters(IEnumerable<KafkaFilter> filters)
{
    public static readonly RecordFilters All = new([]);

    private readonly RecordFilter[] _filters = Bounded([.. filters.Select(filter => new RecordFilter(filter))]);

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

    private static RecordFilter[] Bounded(RecordFilter[] filters) => filters.Length <= KafkaFilterLimits.Filters
        ? filters
        : throw new StreamBrokenException(Cause.ProtocolError, $"A fetch has at most {KafkaFilterLimits.Filters} filters");

    private sealed class RecordFilter
    {
        // Of many headers that a record must have, so many are looked up: each further one would hardly name fewer records.
        private const int Lookups = 4;

        private readonly RecordHeader[] _headers;
        private readonly HeaderSequence[] _sequences;
        private readonly byte[][] _notKeys;
        private readonly RecordHeader[] _notHeaders;
        private readonly uint[] _required;
        private readonly List<int> _others = [];

        public RecordFilter(KafkaFilter filter)
        {
            if (filter.Headers.Count + filter.Sequences.Count + filter.NotKeys.Count + filter.NotHeaders.Count > KafkaFilterLimits.Conditions)
            {
                throw new StreamBrokenException(Cause.ProtocolError, $"A filter has at most {KafkaFilterLimits.Conditions} conditions");
            }

            Key = filter.HasKey ? filter.Key.ToByteArray() : null;
            KeyHash = filter.HasKey ? RecordHash.OfKey(filter.Key.Span) : 0;
            _headers = [.. filter.Headers.Select(Header)];
            _sequences = [.. filter.Sequences.Select(HeaderSequence.Of)];
            _notKeys = [.. filter.NotKeys.Select(key => key.ToByteArray())];
            _notHeaders = [.. filter.NotHeaders.Select(Header)];

            // The deeper in a sequence, the fewer records share a value.
            _required = [.. _headers.Concat(_sequences.SelectMany(sequence => sequence.Required.Reverse())).Take(Lookups).Select(header => RecordHash.OfHeader(header))];
        }

        public byte[]? Key { get; }

        public uint KeyHash { get; }

        public bool MatchAll => Key is null && _headers.Length + _sequences.Length + _notKeys.Length + _notHeaders.Length == 0;

        public bool Matches(in CachedRecord record)
        {
            if (Key is not null && !(record.HasKey && record.KeyHash == KeyHash && record.Key.SequenceEqual(Key)))
            {
                return false;
            }

            foreach (var key in _notKeys)
            {
                if (record.HasKey && record.Key.SequenceEqual(key))
                {
                    return false;
                }
            }

            return _headers.Length + _sequences.Length + _notHeaders.Length == 0 || Matches(record.Headers);
        }

        public void Collect(Segment segment, int from, int below, List<int> entries)
        {
            // Every candidate is verified, so that any index will do which names all that match: the key's, which is the best sieve, or that of a
            // header that they must have.
            if (Key is not null)
            {
                segment.CollectKey(KeyHash, from, below, entries);
            }
            else if (_required.Length > 0)
            {
                CollectFewest(segment, from, below, entries);
            }
            else
            {
                entries.AddRange(Enumerable.Range(from, below - from));
            }
        }

        private bool Matches(RecordHeaders headers)
        {
            foreach (var header in _headers)
            {
                if (!headers.Contains(header))
                {
                    return false;
                }
            }

            foreach (var sequence in _sequences)
            {
                if (!sequence.Matches(headers))
                {
                    return false;
                }
            }

            foreach (var header in _notHeaders)
            {
                if (headers.Contains(header))
                {
                    return false;
                }
            }

            return true;
        }

        private void CollectFewest(Segment segment, int from, int below, List<int> entries)
        {
            var before = entries.Count;
            segment.CollectHeader(_required[0], from, below, entries);
            foreach (var hash in _required.AsSpan(1))
            {
                _others.Clear();
                segment.CollectHeader(hash, from, below, _others);
                if (_others.Count < entries.Count - before)
                {
                    entries.RemoveRange(before, entries.Count - before);
                    entries.AddRange(_others);
                }
            }
        }

        private static RecordHeader Header(KafkaHeader header) => new(Encoding.UTF8.GetBytes(header.Name), header.Value.Memory, header.HasValue);
    }
}
