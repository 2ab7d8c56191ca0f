namespace Zilla.KafkaCache.Cache.Partitions;

/// <summary>
/// Where what is held of a partition begins and ends, and what else of it can be read. Changed by the writer of its log or under the log's gate, looked at by any thread.
/// </summary>
/// <remarks><code>
/// gone for good │ in Kafka alone │ held         │ not here yet
///               Earliest         Start          Next
/// </code></remarks>
/// <param name="startsLive">Kafka has records before the first that comes here.</param>
internal sealed class PartitionBounds(bool startsLive)
{
    private long _next = -1;
    private long _start = -1;
    private long _first = -1;
    private long _earliest = startsLive ? 0 : -1;
    private long _knownEnd;
    private bool _hydrated;

    /// <summary>The first offset that is held; -1 while nothing is known.</summary>
    public long Start => Volatile.Read(ref _start);

    /// <summary>
    /// The first offset that can be read at all: what lies between it and <see cref="Start"/> had to give way to the memory budget, or was there before the cache, and is in Kafka. What retention has
    /// dropped lies below both.
    /// </summary>
    public long Earliest => Math.Min(Volatile.Read(ref _earliest), Start);

    /// <summary>Where the topic begins for who does not ask for a certain offset; with <c>defaultOffset: live</c> that is where the cache came to it.</summary>
    public long First => Math.Max(Volatile.Read(ref _first), Earliest);

    /// <summary>The offset after the last one known, records that are not for readers (transaction marks) included; -1 while nothing is known.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>Records that are known to be in Kafka and have not come here yet, as of the last <see cref="FollowEnd"/>.</summary>
    public long Lag => Math.Max(0, Volatile.Read(ref _knownEnd) - Math.Max(0, Next));

    /// <summary>The end of the partition has been reached once.</summary>
    public bool Hydrated => Volatile.Read(ref _hydrated);

    /// <summary>The first offset that has come; later ones change nothing.</summary>
    public void Begin(long offset)
    {
        if (_start < 0)
        {
            _first = offset;
            if (_earliest < 0)
            {
                _earliest = offset;
            }

            Volatile.Write(ref _start, offset);
        }
    }

    /// <summary>All that lies below has been taken in or passed over.</summary>
    public void PassTo(long next) => Volatile.Write(ref _next, Math.Max(_next, next));

    /// <summary>The end of the partition was reached.</summary>
    public void ReachEnd() => Volatile.Write(ref _hydrated, true);

    /// <summary>What lies below is not held any more.</summary>
    public void Drop(long below) => Volatile.Write(ref _start, Math.Max(_start, below));

    /// <summary>What is not held any more is not to be read from Kafka either.</summary>
    public void Expire() => Volatile.Write(ref _earliest, _start);

    /// <summary>What Kafka itself has dropped lies below; negative when not known.</summary>
    public void FollowStart(long lowWatermark)
    {
        if (lowWatermark > _start && lowWatermark <= _next)
        {
            Volatile.Write(ref _start, lowWatermark);
        }

        if (lowWatermark > _earliest)
        {
            Volatile.Write(ref _earliest, lowWatermark);
        }
    }

    /// <summary>Where Kafka's partition ends; negative when not known.</summary>
    public void FollowEnd(long highWatermark) => Volatile.Write(ref _knownEnd, highWatermark);
}
