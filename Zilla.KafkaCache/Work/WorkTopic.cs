using Confluent.Kafka;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Work;

/// <summary>
/// One topic with calls: takes part in the binding's consumer group, has the partitions read that are this replica's, and commits how far their calls are over.
/// </summary>
internal sealed class WorkTopic : IPartitionHolder
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Absent = TimeSpan.FromSeconds(1);

    private readonly WorkParts _parts;
    private readonly string _topic;
    private readonly CallReader _reader;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PartitionCalls?> _assigned = [];
    private readonly Dictionary<PartitionCalls, long> _committed = [];
    private readonly TaskCompletionSource<GroupMembership> _membership = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private CancellationTokenSource _changed = new();

    public WorkTopic(WorkParts parts, string topic)
    {
        (_parts, _topic) = (parts, topic);
        _reader = new CallReader(parts, topic);
        using (ExecutionContext.SuppressFlow())
        {
            _running = Task.Run(RunAsync);
        }
    }

    /// <summary>How many partitions are this replica's.</summary>
    public int Count => Current.Count;

    /// <summary>Lets calls that are under way come to their end, in bounded time, and leaves the group.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public void Take(IReadOnlyList<int> partitions)
    {
        foreach (var partition in partitions)
        {
            lock (_gate)
            {
                _assigned[partition] = null;
            }

            _ = Task.Run(() => TakeAsync(partition));
        }
    }

    public void Release(IReadOnlyList<int> partitions)
    {
        using var deadline = new CancellationTokenSource(_parts.Cluster.Options.SessionRelease, _parts.Cluster.Time);
        var leaving = Remove(partitions);
        try
        {
            Task.WhenAll(leaving.Select(partition => _parts.Group.DrainAsync(partition, deadline.Token))).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // Those begin anew at the next owner.
        }

        // Kafka may be what is away.
        _ = Task.Run(() => Commit(leaving)).Wait(_parts.Cluster.Options.SessionRelease);
        leaving.ForEach(_parts.Group.Drop);
    }

    public void Discard(IReadOnlyList<int> partitions) => Remove(partitions).ForEach(_parts.Group.Drop);

    private List<PartitionCalls> Current
    {
        get
        {
            lock (_gate)
            {
                return [.. _assigned.Values.OfType<PartitionCalls>()];
            }
        }
    }

    private List<PartitionCalls> Remove(IReadOnlyList<int> partitions)
    {
        lock (_gate)
        {
            var removed = partitions.Select(_assigned.GetValueOrDefault).OfType<PartitionCalls>().ToList();
            foreach (var partition in partitions)
            {
                _assigned.Remove(partition);
            }

            removed.ForEach(calls => WorkLog.GivenUp(_parts.Cluster.Logger, _parts.Plan.Group, _topic, calls.Partition, calls.Unfinished));
            _ = _changed.CancelAsync();
            return removed;
        }
    }

    /// <summary>Takes a partition from where the group is, as soon as Kafka says where.</summary>
    private async Task TakeAsync(int partition)
    {
        var membership = await _membership.Task;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var committed = membership.Committed(partition);
                lock (_gate)
                {
                    if (_assigned.TryGetValue(partition, out var known) && known is null)
                    {
                        WorkLog.Taken(_parts.Cluster.Logger, _parts.Plan.Group, _topic, partition, committed ?? 0);
                        _assigned[partition] = new PartitionCalls(_topic, partition, committed);
                        _ = _changed.CancelAsync();
                    }
                }

                return;
            }
            catch (KafkaException problem)
            {
                WorkLog.Interrupted(_parts.Cluster.Logger, _parts.Plan.Group, _topic, problem.Error.Reason);
                await Task.Delay(Pause, _parts.Cluster.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>The topic was made anew, and with it its offsets: what was committed says nothing.</summary>
    private void Renew(PartitionCalls calls)
    {
        _parts.Group.Drop(calls);
        lock (_gate)
        {
            if (_assigned.GetValueOrDefault(calls.Partition) == calls)
            {
                _assigned[calls.Partition] = new PartitionCalls(_topic, calls.Partition, null);
                _ = _changed.CancelAsync();
            }
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await ExistsAsync();
            var membership = new GroupMembership(_parts.Cluster, _parts.Plan.Group, _topic, this);
            _membership.SetResult(membership);
            var reading = ReadAsync();
            var committing = CommitAsync();
            var watching = new WaitingWatch(_parts.Group, _parts.Cluster.Time, EndAsync, _reader.IsNothingBetweenAsync).RunAsync(() => Current, _parts.Cluster.Options.MetadataRefresh, _stop.Token);
            var ended = await Task.WhenAny(reading, committing, watching);
            if (ended.Exception is { } fault)
            {
                WorkLog.Fault(_parts.Cluster.Logger, fault, _parts.Plan.Group);
            }

            await _stop.CancelAsync();
            await membership.LeaveAsync();
            await Task.WhenAll(reading, committing, watching).WaitAsync(_parts.Cluster.Options.SessionRelease, _parts.Cluster.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _membership.TrySetCanceled();
        }
        catch (Exception fault)
        {
            WorkLog.Fault(_parts.Cluster.Logger, fault, _parts.Plan.Group);
        }
    }

    /// <summary>Waits for the topic; asking for it has a broker create it that does so.</summary>
    private async Task ExistsAsync()
    {
        var reason = "";
        while (true)
        {
            try
            {
                await _parts.Metadata.PartitionsOrCreateAsync(_parts.Producers.Handle, _topic);
                return;
            }
            catch (KafkaException problem)
            {
                if (problem.Error.Reason != reason)
                {
                    WorkLog.Interrupted(_parts.Cluster.Logger, _parts.Plan.Group, _topic, reason = problem.Error.Reason);
                }
            }

            await Task.Delay(Absent, _parts.Cluster.Time, _stop.Token);
        }
    }

    private async Task ReadAsync()
    {
        var reason = "";
        while (!_stop.IsCancellationRequested)
        {
            CancellationTokenSource changed;
            Dictionary<int, PartitionCalls> partitions;
            lock (_gate)
            {
                _changed = changed = new();
                partitions = _assigned.Values.OfType<PartitionCalls>().ToDictionary(calls => calls.Partition);
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(changed.Token, _stop.Token);
            try
            {
                if (partitions.Count == 0)
                {
                    await Task.Delay(Timeout.Infinite, either.Token);
                }

                await _reader.ReadAsync(partitions, Renew, either.Token);
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                continue;
            }
            catch (StreamBrokenException broken)
            {
                // The cluster is found a moment after it was made.
                if (broken.Cause != Cause.UnknownCluster && broken.Message != reason)
                {
                    WorkLog.Interrupted(_parts.Cluster.Logger, _parts.Plan.Group, _topic, reason = broken.Message);
                }
            }

            await Task.Delay(Pause, _parts.Cluster.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Where a partition ends in Kafka itself; null when that cannot be asked now.</summary>
    private async Task<long?> EndAsync(int partition)
    {
        try
        {
            return await _parts.Metadata.EndOffsetAsync(_topic, partition);
        }
        catch (Exception away) when (away is KafkaException or ObjectDisposedException)
        {
            return null;
        }
    }

    private async Task CommitAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Current.ForEach(_parts.Group.Sweep);
            await Task.Run(CommitCurrent);
            await Task.Delay(Pause, _parts.Cluster.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void CommitCurrent()
    {
        // Asked for in here: what was given up while another commit was waited for is perhaps another replica's.
        lock (_committed)
        {
            Commit(Current);
        }
    }

    /// <summary>Commits what has changed.</summary>
    private void Commit(List<PartitionCalls> partitions)
    {
        lock (_committed)
        {
            var changed = partitions.Select(calls => (Calls: calls, Next: _parts.Group.Position(calls).Committable)).Where(calls => calls.Next > _committed.GetValueOrDefault(calls.Calls)).ToList();
            if (changed.Count == 0 || !_membership.Task.IsCompletedSuccessfully)
            {
                return;
            }

            try
            {
                _membership.Task.Result.Commit(changed.Select(calls => (calls.Calls.Partition, calls.Next)));
                changed.ForEach(calls => _committed[calls.Calls] = calls.Next);
            }
            catch (KafkaException problem)
            {
                WorkLog.Uncommitted(_parts.Cluster.Logger, _parts.Plan.Group, _topic, problem.Error.Reason);
            }
            catch (ObjectDisposedException)
            {
                // The group is left.
            }

            foreach (var gone in _committed.Keys.Where(calls => calls.IsLeaving).ToList())
            {
                _committed.Remove(gone);
            }
        }
    }
}
