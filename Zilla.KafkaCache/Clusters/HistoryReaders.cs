using Confluent.Kafka;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.KafkaCache.Conversion;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// The bounded pool of consumers through which readers get what is in Kafka but not held here. A reader has a consumer for one batch at a time:
/// one that is slow keeps none from the others. Batches count against the memory budget until they are disposed of.
/// </summary>
internal sealed class HistoryReaders(ClusterParts parts, IRecordConversion conversion, MemoryBudget budget) : IAsyncDisposable
{
    private readonly SemaphoreSlim _slots = new(parts.Options.HistoryReaders);
    private readonly Lock _gate = new();
    private readonly List<HistoryConsumer> _idle = [];

    /// <summary>Gives the next records from an offset on, all below <paramref name="end"/>; waits for its turn, and for memory.</summary>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused; <see cref="ErrorCode.Local_QueueFull"/> when there was no memory for it.</exception>
    public async Task<HistoryBatch> ReadAsync(TopicPartitionOffset from, long end, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            var size = Segment.InitialSize(budget.BatchBytes, 0, indexed: false);
            await ReserveAsync(from, size, cancellationToken);
            var memory = new Reservation(budget, size);
            try
            {
                return await Task.Run(() => Read(from, end, memory, cancellationToken), cancellationToken);
            }
            catch
            {
                memory.Dispose();
                throw;
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Reserves memory for reading from a place; waits until there is some.</summary>
    /// <exception cref="KafkaException">There was none for as long as <see cref="CacheOptions.ProgressTimeout"/>.</exception>
    public async Task ReserveAsync(TopicPartitionOffset from, long bytes, CancellationToken cancellationToken)
    {
        if (!budget.TryReserve(bytes) && !await budget.TryReserveAsync(bytes, parts.Options.ProgressTimeout, parts.Time, cancellationToken))
        {
            throw HistoryConsumer.OutOfMemory(from, bytes);
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

    private HistoryBatch Read(TopicPartitionOffset from, long end, Reservation memory, CancellationToken cancellationToken)
    {
        var consumer = Take(from);
        try
        {
            var batch = consumer.Read(from, end, budget.BatchBytes, memory, cancellationToken);
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
