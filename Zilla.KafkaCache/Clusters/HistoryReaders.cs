using Confluent.Kafka;
using Zilla.KafkaCache.Conversion;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// The bounded pool of consumers through which readers get what is in Kafka but not held here. A reader has a consumer for one batch at a time:
/// one that is slow keeps none from the others.
/// </summary>
internal sealed class HistoryReaders(ClusterParts parts, IRecordConversion conversion) : IAsyncDisposable
{
    private readonly SemaphoreSlim _slots = new(parts.Options.HistoryReaders);
    private readonly Lock _gate = new();
    private readonly List<HistoryConsumer> _idle = [];

    /// <summary>Gives the next records from an offset on, all below <paramref name="end"/>; waits for its turn.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused.</exception>
    public async Task<HistoryBatch> ReadAsync(TopicPartitionOffset from, long end, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(from, end, cancellationToken), cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Waits for those who are reading; whoever uses the readers has cancelled them.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var slot = 0; slot < parts.Options.HistoryReaders; slot++)
        {
            await _slots.WaitAsync();
        }

        foreach (var consumer in _idle)
        {
            consumer.Dispose();
        }
    }

    private HistoryBatch Read(TopicPartitionOffset from, long end, CancellationToken cancellationToken)
    {
        var consumer = Take(from);
        try
        {
            var batch = consumer.Read(from, end, cancellationToken);
            if (batch.Next >= end)
            {
                consumer.Rest();
            }

            return batch;
        }
        finally
        {
            lock (_gate)
            {
                _idle.Add(consumer);
            }
        }
    }

    /// <summary>The one that stands where the reader goes on, else the one that has rested longest, else a new one: never more than slots.</summary>
    private HistoryConsumer Take(TopicPartitionOffset from)
    {
        lock (_gate)
        {
            var idle = _idle.Find(consumer => consumer.IsAt(from)) ?? _idle.FirstOrDefault();
            if (idle is not null)
            {
                _idle.Remove(idle);
                return idle;
            }
        }

        return new(parts, conversion);
    }
}
