using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Records read from Kafka for one reader, who disposes of them.</summary>
/// <param name="Segment">In the form in which the cache holds them, without indexes.</param>
/// <param name="Next">All that is readable below this offset, from where was asked, is in the batch.</param>
/// <param name="Memory">What they take.</param>
internal sealed record HistoryBatch(Segment Segment, long Next, Reservation? Memory) : IDisposable
{
    public void Dispose() => Memory?.Dispose();
}
