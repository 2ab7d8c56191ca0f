using Confluent.Kafka;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Telemetry;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Bound = Zilla.Streams.V1.KafkaFetch.Types.Bound;

namespace Zilla.KafkaCache.Fetch;

/// <summary>Serves one FETCH stream from the cache (kafka.proto): all partitions of a topic merged, history first, then live if asked for.</summary>
internal sealed class FetchStream(FrameStream stream, KafkaFetch fetch, Cluster cluster, TopicCache topic, CacheOptions options, CacheTelemetry telemetry, TimeProvider time)
{
    // How many records of one partition are sent before the next has its turn.
    private const int Turn = 64;

    // How many offsets may be passed over in silence before the reader is told where it is.
    private const long SilentOffsets = 4096;

    private readonly FetchLimits _limits = new(fetch);
    private readonly RecordFilters _filters = new(fetch.Filters);
    private readonly List<PartitionCursor> _cursors = [];
    private readonly Dictionary<PartitionCursor, ReadThrough> _readThroughs = [];
    private readonly ProgressVector _progress = new();
    private readonly long _limit = fetch.Limit == 0 ? long.MaxValue : fetch.Limit;
    private long _sent;
    private long _passed;

    private bool IsFull => _sent >= _limit;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await new TopicHydration(topic, cluster.State, options, time).WaitAsync(cancellationToken);
        foreach (var log in topic.Partitions)
        {
            var start = _limits.StartOf(log);
            if (start > log.NextOffset && await cluster.EndOffsetAsync(topic.Name, log.Partition) is { } end && start > end)
            {
                // Not ahead of this replica but of Kafka: the topic was made anew since, and all of it is news.
                start = log.FirstOffset;
            }

            Add(new(log, start, _filters, _limits.HistoryEndOf(log)));
        }

        stream.Accept();
        telemetry.FetchStreams.Add(1);
        try
        {
            await FlushAsync(cancellationToken);
            await SendAsync(cancellationToken);
        }
        finally
        {
            telemetry.FetchStreams.Add(-1);
            telemetry.Sent.Add(_sent, new KeyValuePair<string, object?>("messaging.destination.name", topic.Name));
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var inHistory = _limits.Bound == Bound.Live;
        while (true)
        {
            var version = topic.Signal.Version;
            if (topic.Gone)
            {
                throw new StreamBrokenException(Cause.UnknownTopic, $"Topic {topic.Name} is there no longer, or was made anew");
            }

            if (_limits.Bound == Bound.Live)
            {
                AddNewPartitions();
            }

            var (more, complete) = (false, true);
            foreach (var cursor in _cursors)
            {
                more |= await SendTurnAsync(cursor, cancellationToken);
                complete &= _limits.IsComplete(cursor);
            }

            if (IsFull || (complete && _limits.Bound != Bound.Live))
            {
                stream.End(_progress.ToProgress());
                return;
            }

            var arrived = inHistory && _cursors.TrueForAll(cursor => cursor.Position >= cursor.HistoryEnd);
            if (arrived || _passed >= SilentOffsets)
            {
                inHistory &= !arrived;
                await FlushAsync(cancellationToken);
            }

            if (!more)
            {
                await WaitAsync(version, cancellationToken);
            }
        }
    }

    /// <summary>Sends what a partition has, but not more than its turn; true if there may be more at once.</summary>
    private async ValueTask<bool> SendTurnAsync(PartitionCursor cursor, CancellationToken cancellationToken)
    {
        var limit = _limits.LimitOf(cursor);
        for (var sent = 0; sent < Turn && !IsFull; sent++)
        {
            var before = cursor.Position;
            var found = cursor.TryRead(limit, out var record);
            _progress.Set(cursor.Log.Partition, cursor.Position);
            _passed += cursor.Position - before - (found ? 1 : 0);
            if (!found)
            {
                return cursor.NeedsKafka && await SendFromKafkaAsync(cursor, limit, cancellationToken);
            }

            await stream.WriteRecordAsync(record.Extension, record.Value, cancellationToken);
            _sent++;
        }

        return true;
    }

    /// <summary>Sends a batch of what is not held; true: there may be more at once.</summary>
    private async ValueTask<bool> SendFromKafkaAsync(PartitionCursor cursor, long limit, CancellationToken cancellationToken)
    {
        if (!_readThroughs.TryGetValue(cursor, out var readThrough))
        {
            _readThroughs.Add(cursor, readThrough = new(cursor, _filters, cluster.History, topic.Name));
        }

        HistoryBatch batch;
        try
        {
            batch = await readThrough.NextAsync(limit, cancellationToken);
        }
        catch (KafkaException problem)
        {
            throw KafkaCauses.ToBroken(problem.Error, options.RetryAfter);
        }

        var (before, sent, next) = (cursor.Position, 0, batch.Next);
        for (var index = 0; index < batch.Segment.Count && !IsFull; index++)
        {
            var record = new CachedRecord(batch.Segment, batch.Segment[index]);
            if (readThrough.Matches(record))
            {
                _progress.Set(cursor.Log.Partition, record.Offset + 1);
                await stream.WriteRecordAsync(record.Extension, record.Value, cancellationToken);
                sent++;
                _sent++;
                next = IsFull ? record.Offset + 1 : next;
            }
        }

        cursor.PassTo(next);
        _progress.Set(cursor.Log.Partition, cursor.Position);
        _passed += cursor.Position - before - sent;
        telemetry.ReadThrough.Add(sent, new KeyValuePair<string, object?>("messaging.destination.name", topic.Name));
        return true;
    }

    private async Task WaitAsync(long version, CancellationToken cancellationToken)
    {
        var news = topic.Signal.WaitAsync(version, cancellationToken);
        if (_limits.Bound == Bound.Live)
        {
            await news;
            return;
        }

        // What the client knows to exist must come soon. Only waiting counts, not a slow reader.
        try
        {
            await news.WaitAsync(options.ProgressTimeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new StreamBrokenException(Cause.Timeout, $"Topic {topic.Name} has not come as far as asked for within {options.ProgressTimeout.TotalSeconds:0.#} s");
        }
    }

    /// <summary>A partition that comes into being while a reader is there is read from its beginning.</summary>
    private void AddNewPartitions()
    {
        var partitions = topic.Partitions;
        for (var next = _cursors.Count; next < partitions.Length && partitions[next].StartOffset >= 0; next++)
        {
            Add(new(partitions[next], partitions[next].FirstOffset, _filters));
        }
    }

    private void Add(PartitionCursor cursor)
    {
        _cursors.Add(cursor);
        _progress.Set(cursor.Log.Partition, cursor.Position);
    }

    private ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _passed = 0;
        return stream.WriteProgressAsync(_progress.ToProgress(), cancellationToken);
    }
}
