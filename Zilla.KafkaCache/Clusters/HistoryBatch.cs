using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Records read from Kafka for one reader.</summary>
/// <param name="Segment">In the form in which the cache holds them.</param>
/// <param name="Next">All that is readable below this offset, from where was asked, is in the batch.</param>
internal sealed record HistoryBatch(Segment Segment, long Next);
