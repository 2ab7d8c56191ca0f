using Zilla.DevKafka.Log;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Apis;

/// <summary>
/// Fetch v4-12, flexible from 12; waits for data up to the client's limit and wakes with the first append. There are no fetch sessions: every
/// answer carries session 0, which tells clients to send whole requests.
/// <code>
/// request:  replica | max wait ms | min bytes | max bytes | isolation | (v7+) session, epoch
///           | [topic, [partition, (v9+) leader epoch, offset, (v12+) last fetched epoch, (v5+) log start, max bytes]]
///           | (v7+) [forgotten topic, [partition]] | (v11+) rack
/// response: throttle ms | (v7+) error, session
///           | [topic, [partition, error, high watermark, last stable, (v5+) log start, [aborted: producer id, first offset], (v11+) preferred replica, records]]
/// </code>
/// </summary>
internal sealed class FetchApi(TopicStore topics, BrokerOptions options) : IApi
{
    /// <summary>A client that goes away while it waits is noticed only when the wait is over, so that may not last for ever.</summary>
    private static readonly TimeSpan MaximumWait = TimeSpan.FromMinutes(5);

    public ApiVersionRange Versions { get; } = new(ApiKey.Fetch, 4, 12, 12);

    public async ValueTask HandleAsync(ApiCall call, CancellationToken cancellation)
    {
        var request = FetchRequest.Read(call.Request, call.Version);
        if (request.SessionId != 0)
        {
            FetchResponse.Write(call.Response, call.Version, ErrorCode.FetchSessionIdNotFound, []);
            return;
        }

        var results = await ReadAsync(request, cancellation);
        FetchResponse.Write(call.Response, call.Version, ErrorCode.None, results);
        results.ForEach(r => r.Slice?.Dispose());
    }

    private async ValueTask<List<FetchResult>> ReadAsync(FetchRequest request, CancellationToken cancellation)
    {
        var deadline = options.Time.GetTimestamp() + (long)(Math.Clamp(request.MaxWaitMs / 1000.0, 0, MaximumWait.TotalSeconds) * options.Time.TimestampFrequency);
        while (true)
        {
            // Registered before the look, so that an append in between is not missed.
            var waiter = new LogWaiter();
            var logs = request.Partitions.Select(p => topics.Partition(p.Topic, p.Index)).OfType<PartitionLog>().ToList();
            logs.ForEach(log => log.Register(waiter));
            try
            {
                var results = ReadNow(request, out var enough);
                var left = options.Time.GetElapsedTime(options.Time.GetTimestamp(), deadline);
                if (enough || left <= TimeSpan.Zero)
                {
                    return results;
                }

                results.ForEach(r => r.Slice?.Dispose());
                await WaitAsync(waiter, left, cancellation);
            }
            finally
            {
                logs.ForEach(log => log.Unregister(waiter));
            }
        }
    }

    private async Task WaitAsync(LogWaiter waiter, TimeSpan limit, CancellationToken cancellation)
    {
        try
        {
            await waiter.Signalled.WaitAsync(limit, options.Time, cancellation);
        }
        catch (TimeoutException)
        {
            // The client's wait is over: it gets what there is.
        }
    }

    private List<FetchResult> ReadNow(FetchRequest request, out bool enough)
    {
        var results = new List<FetchResult>(request.Partitions.Count);
        var left = Math.Min(request.MaxBytes, options.MaximumFetchBytes);
        var total = 0;
        var failed = false;
        foreach (var partition in request.Partitions)
        {
            var result = Read(partition, Math.Min(left, partition.MaxBytes), atLeastOne: total == 0, request.Committed);
            var length = result.Slice?.Length ?? 0;
            left = Math.Max(0, left - length);
            total += length;
            failed |= result.Error != ErrorCode.None;
            results.Add(result);
        }

        enough = failed || total >= request.MinBytes || request.Partitions.Count == 0;
        return results;
    }

    private FetchResult Read(FetchPartition partition, int maximumBytes, bool atLeastOne, bool committed)
    {
        if (topics.Partition(partition.Topic, partition.Index) is not { } log)
        {
            return new(partition, ErrorCode.UnknownTopicOrPartition, -1, -1, -1, null);
        }

        var slice = log.Read(partition.Offset, maximumBytes, atLeastOne, committed);
        return new(partition, slice is null ? ErrorCode.OffsetOutOfRange : ErrorCode.None, log.NextOffset, log.LastStableOffset, log.StartOffset, slice);
    }
}
