using Zilla.KafkaCache.Cache.Partitions;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Bound = Zilla.Streams.V1.KafkaFetch.Types.Bound;
using Start = Zilla.Streams.V1.KafkaFetch.Types.Start;

namespace Zilla.KafkaCache.Fetch;

/// <summary>Where a fetch begins and ends in each partition, as its KafkaFetch says.</summary>
internal sealed class FetchLimits
{
    private readonly KafkaFetch _fetch;
    private readonly KafkaProgress _from;
    private readonly KafkaProgress _until;

    /// <exception cref="StreamBrokenException">A progress cannot be decoded.</exception>
    public FetchLimits(KafkaFetch fetch)
    {
        _fetch = fetch;
        _from = Decode(fetch.From.Span, "from");
        _until = Decode(fetch.Until.Span, "until");
        After = Decode(fetch.After.Span, "after");
    }

    public Bound Bound => _fetch.Bound;

    /// <summary>What has to be held before anything is decided.</summary>
    public KafkaProgress After { get; }

    /// <summary>Where to begin in a partition that was there when the stream was opened.</summary>
    public long StartOf(PartitionLog log) => _from[log.Partition] switch
    {
        >= 0 and var offset => Math.Max(offset, log.EarliestOffset),

        // -1 is how the merged form of an empty partition is written: nothing has been seen of it.
        not null => log.EarliestOffset,
        null => _fetch.DefaultStart == Start.Live ? log.NextOffset : log.FirstOffset,
    };

    /// <summary>
    /// Where history ends in a partition; null = at what is held now. With <see cref="Bound.Progress"/> it ends where the stream does: a record below
    /// must not be passed over for the sake of one that this stream does not send.
    /// </summary>
    public long? HistoryEndOf(PartitionLog log) => Bound == Bound.Progress ? _until[log.Partition] ?? 0 : null;

    /// <summary>Offsets at and above are not sent now.</summary>
    public long LimitOf(PartitionCursor cursor) => Bound == Bound.Live ? long.MaxValue : cursor.HistoryEnd;

    public bool IsComplete(PartitionCursor cursor) => Bound != Bound.Live && cursor.Position >= LimitOf(cursor);

    private static KafkaProgress Decode(ReadOnlySpan<byte> bytes, string field) =>
        bytes.IsEmpty ? KafkaProgress.Empty
        : KafkaProgress.TryDecode(bytes, out var progress) ? progress
        : throw new StreamBrokenException(Cause.ProtocolError, $"KafkaFetch.{field} is not a progress");
}
