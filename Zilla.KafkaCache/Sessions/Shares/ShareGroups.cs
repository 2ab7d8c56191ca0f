using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>The groups of a partition that have clients.</summary>
/// <param name="context">The partition.</param>
/// <param name="cluster">Whose topics they read.</param>
/// <param name="topics">The way to these topics, in this replica.</param>
internal sealed class ShareGroups(SessionContext context, string cluster, IStreamOpener topics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ShareName, ShareRun> _runs = [];
    private readonly Dictionary<ShareName, Task> _stopping = [];

    /// <summary>Groups that have clients, or have just lost their last.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _runs.Count + _stopping.Count;
            }
        }
    }

    /// <summary>Takes a client in, once it is durable where the group begins.</summary>
    /// <exception cref="StreamBrokenException">The group cannot be read or written now.</exception>
    public async Task<ShareGroup> JoinAsync(ShareName name, IEnumerable<KafkaFilter> filters, IShareMember member, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task stopping;
            ShareRun? run = null;
            lock (_gate)
            {
                if (!_stopping.TryGetValue(name, out stopping!))
                {
                    run = Join(name, filters, member);
                }
            }

            if (run is null)
            {
                await stopping.WaitAsync(cancellationToken);
                continue;
            }

            try
            {
                await run.BegunAsync(cancellationToken);
                return run.Group;
            }
            catch
            {
                Leave(name, member);
                throw;
            }
        }
    }

    /// <summary>A client has gone; with the last one the group rests.</summary>
    public void Leave(ShareName name, IShareMember member)
    {
        lock (_gate)
        {
            if (!_runs.TryGetValue(name, out var run))
            {
                return;
            }

            context.Telemetry.ShareMembers.Add(-1);
            if (run.Group.Leave(member) == 0)
            {
                _runs.Remove(name);
                context.Telemetry.Shares.Add(-1);
                SessionLog.ShareEnds(context.Logger, name.ToString());
                _stopping[name] = StopAsync(name, run);
            }
        }
    }

    /// <summary>The partition is about to be another's.</summary>
    public async Task ReleaseAsync(StreamBrokenException why)
    {
        ShareRun[] runs;
        lock (_gate)
        {
            runs = [.. _runs.Values];
        }

        foreach (var run in runs)
        {
            run.Group.Break(why);
        }

        await Task.WhenAll(runs.Select(run => run.StopAsync()));
        Task[] stopping;
        lock (_gate)
        {
            stopping = [.. _stopping.Values];
        }

        await Task.WhenAll(stopping);
    }

    /// <summary>Removes what is left of groups that have had no clients for so long that they would begin anew.</summary>
    public async Task SweepAsync()
    {
        await foreach (var record in context.Partition.ScanAsync(SessionKeys.ShareProgress, context.Partition.Lost))
        {
            if (record.Timestamp <= context.Now - context.Options.ShareRetention.TotalMilliseconds)
            {
                await RemoveAsync(record.Key);
            }
        }
    }

    private ShareRun Join(ShareName name, IEnumerable<KafkaFilter> filters, IShareMember member)
    {
        if (!_runs.TryGetValue(name, out var run))
        {
            _runs.Add(name, run = new(name, filters, context, cluster, topics));
            context.Telemetry.Shares.Add(1);
            run.Start();
        }

        context.Telemetry.ShareMembers.Add(1);
        run.Group.Join(member);
        return run;
    }

    private async Task StopAsync(ShareName name, ShareRun run)
    {
        await Task.Yield();
        await run.StopAsync();
        lock (_gate)
        {
            _stopping.Remove(name);
        }
    }

    private Task RemoveAsync(byte[] key)
    {
        // Under the lock: what a group writes that begins from now on comes after it.
        lock (_gate)
        {
            return _runs.Keys.Concat(_stopping.Keys).Any(name => name.Key.AsSpan().SequenceEqual(key))
                ? Task.CompletedTask
                : context.Partition.CommitAsync([TransactionRecord.In(context.Partition, key, null)], context.Partition.Lost);
        }
    }
}
