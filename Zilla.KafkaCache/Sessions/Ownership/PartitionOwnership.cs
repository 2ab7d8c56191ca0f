using Confluent.Kafka;
using Zilla.Streams.Mqtt;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// One partition for as long as the group assigns it to this replica: claims it, gives it up when somebody has taken its place all the same, and then, if it is still
/// assigned, claims it once more.
/// </summary>
internal sealed class PartitionOwnership
{
    /// <summary>
    /// Who was fenced was perhaps away for long and has not heard yet that the partition is another's: the group says so within a heartbeat, and whoever claimed
    /// again before would fence the new owner.
    /// </summary>
    private static readonly TimeSpan AfterLoss = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);

    private readonly SessionsTopic _topic;
    private readonly PartitionSessionsFactory _factory;
    private readonly OwnershipParts _parts;
    private readonly CancellationTokenSource _over = new();
    private readonly Lock _gate = new();
    private Held? _held;
    private GroupCommitter? _claiming;
    private SessionOwner? _latest;
    private TaskCompletionSource? _settling;
    private bool _ended;

    /// <param name="topic">The sessions topic.</param>
    /// <param name="partition">Of it.</param>
    /// <param name="factory">Makes its sessions.</param>
    /// <param name="parts">What it needs of the cluster.</param>
    public PartitionOwnership(SessionsTopic topic, int partition, PartitionSessionsFactory factory, OwnershipParts parts)
    {
        (_topic, Partition, _factory, _parts) = (topic, partition, factory, parts);
        using (ExecutionContext.SuppressFlow())
        {
            Completion = Task.Run(RunAsync);
        }
    }

    public int Partition { get; }

    /// <summary>Completes when it claims no more.</summary>
    public Task Completion { get; }

    /// <summary>Null while the partition is not owned.</summary>
    public OwnedSessions? Current => Volatile.Read(ref _held)?.Sessions;

    /// <summary>Completes when it is known whether a claim that is under way is this replica's.</summary>
    public Task Settled => Volatile.Read(ref _settling)?.Task ?? Task.CompletedTask;

    /// <summary>Gives the partition up in good order: its sessions may write what they have to until the time is up.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        Held? held;
        lock (_gate)
        {
            _ended = true;
            held = _held;
        }

        if (held is not null)
        {
            await held.Sessions.Sessions.ReleaseAsync(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await held.Committer.CloseAsync(cancellationToken);
        }

        End("the partition goes to another replica");

        // A producer that is still being initialised would fence the next owner.
        await Completion.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Gives it up at once: it is another's already.</summary>
    public void Discard() => End("the partition was lost");

    /// <summary>Gives up what was claimed before this epoch: somebody else has claimed since.</summary>
    public void Supersede(SessionOwner owner)
    {
        Volatile.Write(ref _latest, owner);
        if (Volatile.Read(ref _held) is { } held && held.Owned.Epoch < owner.Epoch)
        {
            held.Committer.End(new(Cause.NotOwner, $"The partition was claimed by {owner.Instance} in epoch {owner.Epoch}"));
        }
    }

    private void End(string reason)
    {
        lock (_gate)
        {
            _ended = true;
            _claiming?.End(new(Cause.NotOwner, reason));
        }

        _over.Cancel();
        Volatile.Read(ref _held)?.Committer.End(new(Cause.NotOwner, reason));
    }

    private async Task RunAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            var pause = Retry;
            try
            {
                await OwnAsync();
                pause = AfterLoss;
            }
            catch (OperationCanceledException) when (_over.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                OwnershipLog.ClaimFailed(_parts.Logger, _topic.Name, Partition, problem.Message);
            }

            await Task.Delay(pause, _parts.Time, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Claims the partition and returns when it was lost.</summary>
    private async Task OwnAsync()
    {
        var began = _parts.Time.GetTimestamp();
        var transactions = await InitializeAsync();
        var log = _topic.Log(Partition);
        var recent = new RecentWrites(log, _parts.Time);
        using var committer = new GroupCommitter(
            new(transactions, commit => Remember(commit, recent), reason => OwnershipLog.TransactionRetried(_parts.Logger, _topic.Name, Partition, reason), _parts.Time),
            $"commit {_topic.Name}/{Partition}");
        lock (_gate)
        {
            _claiming = committer;
            _over.Token.ThrowIfCancellationRequested();
        }

        // Nobody else can write from here on: when all is held that there is now, all is held.
        var end = await _parts.EndOffsetAsync(_topic.Name, Partition);
        await _topic.WaitForAsync(Partition, end, _over.Token);
        var owned = await ClaimAsync(committer, recent);
        OwnershipLog.Claimed(_parts.Logger, _topic.Name, Partition, owned.Epoch, (long)_parts.Time.GetElapsedTime(began).TotalMilliseconds);
        var reason = await committer.Ended;
        Volatile.Write(ref _held, null);
        owned.Lose();
        OwnershipLog.GivenUp(_parts.Logger, _topic.Name, Partition, owned.Epoch, reason.Message);
    }

    private async Task<OwnedPartition> ClaimAsync(GroupCommitter committer, RecentWrites recent)
    {
        var settling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _settling, settling);
        try
        {
            var claim = new OwnerClaim(Partition, _parts.Instance, _topic.Partitions);
            var claimed = committer.Add([new(OwnersTopic.Of(_topic.Name), claim.EncodeKey(), claim.EncodeValue()) { Partition = 0 }]);
            await claimed.Done.WaitAsync(_over.Token);
            var owned = new OwnedPartition(_topic.Name, claim, claimed.Offsets[0], committer, recent, _topic.Records(Partition));
            Hold(owned, committer);
            return owned;
        }
        finally
        {
            settling.SetResult();
        }
    }

    private void Hold(OwnedPartition owned, GroupCommitter committer)
    {
        var sessions = new OwnedSessions(owned, _factory(owned, _topic.Plan, _topic.Cluster));
        lock (_gate)
        {
            if (_ended)
            {
                throw new OperationCanceledException("The partition is another's again", _over.Token);
            }

            Volatile.Write(ref _held, new(sessions, owned, committer));
        }

        if (Volatile.Read(ref _latest) is { } latest)
        {
            Supersede(latest);
        }
    }

    private async Task<ITransactions> InitializeAsync()
    {
        var transactions = _parts.CreateTransactions($"{_parts.Group}-{_topic.Name}-{Partition}");
        try
        {
            while (true)
            {
                _over.Token.ThrowIfCancellationRequested();
                try
                {
                    await Task.Run(transactions.Initialize);
                    return transactions;
                }
                catch (KafkaRetriableException problem)
                {
                    OwnershipLog.TransactionRetried(_parts.Logger, _topic.Name, Partition, problem.Error.Reason);
                    await Task.Delay(Retry, _parts.Time, _over.Token);
                }
            }
        }
        catch
        {
            _ = Task.Run(transactions.Dispose);
            throw;
        }
    }

    private void Remember(PendingCommit commit, RecentWrites recent)
    {
        foreach (var (index, record) in commit.Records.Index())
        {
            if (record.Topic == _topic.Name && (record.Partition is null || record.Partition == Partition))
            {
                recent.Add(record, commit.Offsets[index]);
            }
        }
    }

    private sealed record Held(OwnedSessions Sessions, OwnedPartition Owned, GroupCommitter Committer);
}
