using System.Diagnostics;
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

    // How long a reader that has to wait for credit keeps memory that others could use.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    // How many offsets may be passed over in silence before the reader is told where it is.
    private const long SilentOffsets = 4096;

    private readonly FetchLimits _limits = new(fetch);
    private readonly RecordFilters _filters = new(fetch.Filters);
    private readonly List<PartitionCursor> _cursors = [];
    private readonly Dictionary<PartitionCursor, ReadThrough> _readThroughs = [];
    private readonly ProgressVector _progress = new();
    private readonly long _limit = fetch.Limit == 0 ? long.MaxValue : fetch.Limit;
    private readonly Activity? _activity = Activity.Current;
    private int _links;
    private long _sent;
    private long _passed;
    private TimeSpan _waited;

    private bool IsFull => _sent >= _limit;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await new TopicHydration(topic, cluster.State, options, time).WaitAsync(cancellationToken);
        if (_limits.After.Partitions.Length > 0)
        {
            await new ProgressArrival(topic, _limits.After, options, time).WaitAsync(cancellationToken);
        }

        if (fetch.Current)
        {
            await CatchUpAsync(cancellationToken);
        }

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
            _cursors.ForEach(cursor => cursor.Dispose());
            foreach (var readThrough in _readThroughs.Values)
            {
                readThrough.Dispose();
            }

            telemetry.FetchStreams.Add(-1);
            telemetry.Sent.Add(_sent, new KeyValuePair<string, object?>("messaging.destination.name", topic.Name));
        }
    }

    /// <summary>Waits for what Kafka has by now; without Kafka's answer, or if it takes too long, what is here has to do.</summary>
    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            var end = await cluster.Ends.NowAsync(topic.Name, topic.Partitions.Length).WaitAsync(cancellationToken);
            await new ProgressArrival(topic, end, options, time).WaitAsync(cancellationToken);
        }
        catch (StreamBrokenException late) when (late.Cause == Cause.Timeout)
        {
            // It is as if it had been asked a little earlier.
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
                cancellationToken.ThrowIfCancellationRequested(); // all topics go when the cluster is no longer served
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
                return cursor.NeedsRoom ? await WaitForRoomAsync(cursor, cancellationToken) : cursor.NeedsKafka && await SendFromKafkaAsync(cursor, limit, cancellationToken);
            }

            await SendAsync(record, null, cancellationToken);
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

        HistoryBatch read;
        try
        {
            read = await readThrough.NextAsync(limit, cancellationToken);
        }
        catch (KafkaException problem)
        {
            throw KafkaCauses.ToBroken(problem.Error, options.RetryAfter);
        }

        using var batch = read;
        var (before, sent, next, kept) = (cursor.Position, 0, batch.Next, true);
        for (var index = 0; index < batch.Segment.Count && !IsFull && kept; index++)
        {
            var entry = batch.Segment[index];
            if (batch.Segment.TryGet(entry, out var bytes) && new CachedRecord(bytes, entry) is var record && readThrough.Matches(record))
            {
                _progress.Set(cursor.Log.Partition, record.Offset + 1);
                kept = await SendAsync(record, batch, cancellationToken);
                sent++;
                _sent++;
                next = IsFull || !kept ? record.Offset + 1 : next;
            }
        }

        cursor.PassTo(next);
        readThrough.Settle();
        _progress.Set(cursor.Log.Partition, cursor.Position);
        _passed += cursor.Position - before - sent;
        telemetry.ReadThrough.Add(sent, new KeyValuePair<string, object?>("messaging.destination.name", topic.Name));
        return true;
    }

    /// <summary>
    /// Sends a record. Who has to wait for credit for long holds nothing meanwhile but this record: what was read for the cursors is given back, and
    /// the batch, if there is one. True: that was not necessary.
    /// </summary>
    private ValueTask<bool> SendAsync(in CachedRecord record, HistoryBatch? batch, CancellationToken cancellationToken)
    {
        if (_activity is not null && _links < RecordTrace.MaxLinks && RecordTrace.Link(_activity, record))
        {
            _links++;
        }

        var sending = stream.WriteRecordAsync(record.Extension, record.Value, cancellationToken);
        if (!sending.IsCompletedSuccessfully)
        {
            return WaitForCreditAsync(sending.AsTask(), batch, cancellationToken);
        }

        sending.GetAwaiter().GetResult();
        return new(true);
    }

    private async ValueTask<bool> WaitForCreditAsync(Task sending, HistoryBatch? batch, CancellationToken cancellationToken)
    {
        var kept = sending == await Task.WhenAny(sending, Task.Delay(Patience, time, cancellationToken));
        if (!kept)
        {
            _cursors.ForEach(cursor => cursor.Rest());
            batch?.Dispose();
        }

        await sending;
        return kept;
    }

    /// <summary>True: there is memory again for what the cursor reads from disk.</summary>
    private async Task<bool> WaitForRoomAsync(PartitionCursor cursor, CancellationToken cancellationToken)
    {
        var budget = cursor.Log.Budget;
        if (!await budget.TryReserveAsync(cursor.NeededRoom, options.ProgressTimeout, time, cancellationToken))
        {
            throw new StreamBrokenException(Cause.Overloaded, $"The memory budget has no {cursor.NeededRoom} bytes for reading from disk", options.RetryAfter);
        }

        budget.Release(cursor.NeededRoom);
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

        // What the client knows to exist must come soon, whatever else comes to the topic. Only waiting counts, not a slow reader.
        var began = time.GetTimestamp();
        try
        {
            await news.WaitAsync(_waited < options.ProgressTimeout ? options.ProgressTimeout - _waited : TimeSpan.Zero, time, cancellationToken);
            _waited += time.GetElapsedTime(began);
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
        var sending = stream.WriteProgressAsync(_progress.ToProgress(), cancellationToken);
        return sending.IsCompletedSuccessfully ? sending : new(WaitForCreditAsync(sending.AsTask(), null, cancellationToken).AsTask());
    }
}
