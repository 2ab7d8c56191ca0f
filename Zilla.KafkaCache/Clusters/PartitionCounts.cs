using System.Collections.Concurrent;
using Confluent.Kafka;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// The partition of records that are produced. For a partition key it must be known how many there are: asked through the producer, so that it knows
/// the same ones, and again after a minute, as partitions may be added.
/// </summary>
internal sealed class PartitionCounts(ClusterMetadata metadata, ClusterProducers producers, TimeProvider time)
{
    private static readonly TimeSpan Valid = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CreationTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CreationPause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Count> _counts = new(StringComparer.Ordinal);

    /// <summary>The partition that the record names, or its partition key; <see cref="Partition.Any"/>: the client library chooses by its key.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused: unknown, not authorized.</exception>
    /// <exception cref="ObjectDisposedException">The cluster is no longer served.</exception>
    public ValueTask<Partition> ChooseAsync(string topic, KafkaRecord record, CancellationToken cancellationToken) =>
        record.Partition >= 0 ? new(new Partition(record.Partition))
        : !record.HasPartitionKey ? new(Partition.Any)
        : _counts.TryGetValue(topic, out var count) && time.GetElapsedTime(count.Since) < Valid ? new(PartitionOf(record, count.Partitions))
        : new(AskAsync(topic, record, cancellationToken));

    private static Partition PartitionOf(in KafkaRecord record, int partitions) => Murmur2.Partition(record.PartitionKey.Span, partitions);

    private async Task<Partition> AskAsync(string topic, KafkaRecord record, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                var partitions = await metadata.PartitionsOrCreateAsync(producers.Handle, topic).WaitAsync(cancellationToken);
                _counts[topic] = new(partitions, time.GetTimestamp());
                return PartitionOf(record, partitions);
            }
            catch (KafkaException absent) when (absent.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable && time.GetElapsedTime(since) < CreationTimeout)
            {
                // The broker may be creating it.
                await Task.Delay(CreationPause, time, cancellationToken);
            }
        }
    }

    private sealed record Count(int Partitions, long Since);
}
