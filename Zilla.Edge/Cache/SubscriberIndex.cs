using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>
/// Which queues a record goes to. Each filter is filed under one of its conditions (its key, else a header that it requires), so that a record
/// finds its candidates by look-up and costs as much as it has matches; a filter that requires nothing is put to every record. Not safe for
/// several threads: the feed's lock guards it.
/// </summary>
internal sealed class SubscriberIndex : IFeedIndex
{
    private readonly HashSet<FeedQueue> _unfiltered = [];
    private readonly HashSet<Filed> _unfiled = [];
    private readonly Dictionary<ReadOnlyMemory<byte>, HashSet<Filed>> _byKey = new(BytesComparer.Instance);
    private readonly Dictionary<ReadOnlyMemory<byte>, Dictionary<ReadOnlyMemory<byte>, HashSet<Filed>>> _byHeader = new(BytesComparer.Instance);
    private readonly Dictionary<FeedQueue, Filed[]> _filed = [];
    private readonly List<FeedQueue> _ended = [];
    private long _dispatched;

    public IEnumerable<FeedQueue> Queues => _unfiltered.Concat(_filed.Keys);

    public void Add(FeedQueue queue)
    {
        if (queue.Filters.Count == 0 || queue.Filters.Any(f => f.PassesAll))
        {
            _unfiltered.Add(queue);
            return;
        }

        var filed = new Filed[queue.Filters.Count];
        for (var i = 0; i < filed.Length; i++)
        {
            var filter = queue.Filters[i];
            filed[i] = new Filed(queue, filter, filter.Key is null ? Emptiest(filter) : null);
            Bucket(filed[i]).Add(filed[i]);
        }

        _filed[queue] = filed;
    }

    public void Remove(FeedQueue queue)
    {
        _unfiltered.Remove(queue);
        if (_filed.Remove(queue, out var filed))
        {
            foreach (var entry in filed)
            {
                RemoveFiled(entry);
            }
        }
    }

    /// <summary>Offers the record to every queue it matches, once each; takes out those that overflow and gives their number.</summary>
    public int Dispatch(FeedRecord record)
    {
        var number = ++_dispatched;
        foreach (var queue in _unfiltered)
        {
            Offer(queue, record, number);
        }

        OfferMatching(_unfiled, record, number);
        if (_byKey.Count > 0 && record.Record.HasKey && _byKey.TryGetValue(record.Record.Key, out var byKey))
        {
            OfferMatching(byKey, record, number);
        }

        if (_byHeader.Count > 0)
        {
            foreach (var header in record.Record.Headers)
            {
                if (header.HasValue && _byHeader.TryGetValue(header.Name, out var values) && values.TryGetValue(header.Value, out var byHeader))
                {
                    OfferMatching(byHeader, record, number);
                }
            }
        }

        var ended = _ended.Count;
        _ended.ForEach(Remove);
        _ended.Clear();
        return ended;
    }

    private void OfferMatching(HashSet<Filed> candidates, FeedRecord record, long number)
    {
        foreach (var candidate in candidates)
        {
            if (candidate.Filter.Matches(record.Record))
            {
                Offer(candidate.Queue, record, number);
            }
        }
    }

    private void Offer(FeedQueue queue, FeedRecord record, long number)
    {
        if (queue.LastOffered != number)
        {
            queue.LastOffered = number;
            if (!queue.Offer(record))
            {
                _ended.Add(queue);
            }
        }
    }

    /// <summary>Of the headers that the filter requires, the one that the fewest others are filed under.</summary>
    private RecordHeader? Emptiest(RecordFilter filter)
    {
        var (emptiest, fewest) = (default(RecordHeader?), int.MaxValue);
        foreach (var header in filter.Required)
        {
            var others = _byHeader.TryGetValue(header.Name, out var values) && values.TryGetValue(header.Value, out var bucket) ? bucket.Count : 0;
            (emptiest, fewest) = others < fewest ? (header, others) : (emptiest, fewest);
        }

        return emptiest;
    }

    private HashSet<Filed> Bucket(Filed entry) => entry switch
    {
        { Filter.Key: { } key } => GetOrAdd(_byKey, key, () => []),
        { Header: { } header } => GetOrAdd(GetOrAdd(_byHeader, header.Name, () => new(BytesComparer.Instance)), header.Value, () => []),
        _ => _unfiled,
    };

    private void RemoveFiled(Filed entry)
    {
        var bucket = Bucket(entry);
        bucket.Remove(entry);
        if (bucket.Count > 0)
        {
            return;
        }

        if (entry.Filter.Key is { } key)
        {
            _byKey.Remove(key);
            return;
        }

        if (entry.Header is { } header && _byHeader[header.Name] is var values && values.Remove(header.Value) && values.Count == 0)
        {
            _byHeader.Remove(header.Name);
        }
    }

    private static TValue GetOrAdd<TValue>(Dictionary<ReadOnlyMemory<byte>, TValue> map, ReadOnlyMemory<byte> key, Func<TValue> create)
    {
        if (!map.TryGetValue(key, out var value))
        {
            map[key] = value = create();
        }

        return value;
    }

    /// <summary>A filter of a queue, and the header that it is filed under if it has no key; equal to itself alone.</summary>
    private sealed class Filed(FeedQueue queue, RecordFilter filter, RecordHeader? header)
    {
        public FeedQueue Queue { get; } = queue;
        public RecordFilter Filter { get; } = filter;
        public RecordHeader? Header { get; } = header;
    }
}
