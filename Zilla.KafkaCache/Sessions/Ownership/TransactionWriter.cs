using Confluent.Kafka;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// Writes commits in one transaction, again and again until Kafka has them. One that Kafka refuses for what is in it fails alone: the others are written without
/// it. For one thread.
/// </summary>
/// <param name="transactions">Initialized; disposed of with this.</param>
/// <param name="committed">Told of each commit that is durable, before who waits for it.</param>
/// <param name="retried">Told why a transaction is written once more.</param>
/// <param name="time">The clock.</param>
internal sealed class TransactionWriter(ITransactions transactions, Action<PendingCommit> committed, Action<string> retried, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LastPause = TimeSpan.FromSeconds(1);

    // Partitions may be added.
    private static readonly TimeSpan Valid = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (int Count, long Since)> _partitions = new(StringComparer.Ordinal);

    /// <summary>Returns when all of them are committed, or have failed.</summary>
    /// <exception cref="StreamBrokenException">CAUSE_NOT_OWNER: somebody else writes now.</exception>
    /// <exception cref="OperationCanceledException">It is not known what has been written.</exception>
    public void Write(IReadOnlyList<PendingCommit> batch, CancellationToken cancellationToken)
    {
        List<PendingCommit> left = [.. batch.Where(commit => TryPrepare(commit, cancellationToken))];
        if (left.Count == 0 || TryWrite(left, cancellationToken))
        {
            return;
        }

        // Kafka refuses records by the batch in which they reach it: who is to blame shows when each comes alone.
        foreach (var commit in left)
        {
            if (!TryWrite([commit], cancellationToken))
            {
                commit.Fail(commit.Refusal!);
            }
        }
    }

    public void Dispose() => transactions.Dispose();

    /// <summary>
    /// Sees to it that the topics are there, and chooses partitions where that is not the client library's to do; false: the commit has failed.
    /// An unknown topic within a transaction would hold up all the others for seconds.
    /// </summary>
    private bool TryPrepare(PendingCommit commit, CancellationToken cancellationToken)
    {
        try
        {
            foreach (ref var record in commit.Records.AsSpan())
            {
                if (!_partitions.TryGetValue(record.Topic, out var known) || time.GetElapsedTime(known.Since) >= Valid)
                {
                    known = (PartitionsOf(record.Topic, cancellationToken), time.GetTimestamp());
                    _partitions[record.Topic] = known;
                }

                record = record is { Partition: null, PartitionKey: { } key } ? record with { Partition = Murmur2.Partition(key, known.Count) } : record;
            }

            return true;
        }
        catch (KafkaException problem)
        {
            commit.Fail(KafkaCauses.ToBroken(problem.Error, default));
            return false;
        }
    }

    /// <exception cref="KafkaException">The topic cannot be written to.</exception>
    private int PartitionsOf(string topic, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Next(pause))
        {
            try
            {
                return transactions.PartitionsOf(topic);
            }
            catch (KafkaException problem) when (KafkaCauses.Of(problem.Error.Code) is Cause.Unavailable)
            {
                retried(problem.Error.Reason);
                Pause(pause, cancellationToken);
            }
        }
    }

    /// <summary>False: nothing was written, Kafka does not take a record of at least one of them, see <see cref="PendingCommit.Refusal"/>.</summary>
    private bool TryWrite(List<PendingCommit> commits, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Next(pause))
        {
            commits.ForEach(commit => commit.Refusal = null);
            Retrying(transactions.Begin, cancellationToken);
            try
            {
                Produce(commits);
                Retrying(transactions.Commit, cancellationToken);
                foreach (var commit in commits)
                {
                    committed(commit);
                    commit.Complete();
                }

                return true;
            }
            catch (KafkaTxnRequiresAbortException problem)
            {
                retried(problem.Error.Reason);
            }
            catch (ProduceException<byte[]?, byte[]?> problem) when (!problem.Error.IsFatal)
            {
                retried(problem.Error.Reason);
            }

            Retrying(transactions.Abort, cancellationToken);
            if (commits.Exists(commit => commit.Refusal is not null))
            {
                commits.ForEach(commit => Array.ForEach(commit.Records, record => _partitions.Remove(record.Topic)));
                return false;
            }

            Pause(pause, cancellationToken);
        }
    }

    private void Produce(List<PendingCommit> commits)
    {
        foreach (var commit in commits)
        {
            for (var index = 0; index < commit.Records.Length; index++)
            {
                var place = index;
                try
                {
                    transactions.Produce(commit.Records[index], result => Take(commit, place, result));
                }
                catch (ProduceException<byte[]?, byte[]?> problem)
                {
                    Refuse(commit, problem.Error);
                    throw;
                }
            }
        }
    }

    private static void Take(PendingCommit commit, int place, DeliveryResult result)
    {
        commit.Offsets[place] = result.Offset;
        if (result.Error.IsError)
        {
            Refuse(commit, result.Error);
        }
    }

    /// <summary>Remembers what is wrong with a record; what is wrong with Kafka passes.</summary>
    private static void Refuse(PendingCommit commit, Error error)
    {
        if (KafkaCauses.Of(error.Code) is Cause.InvalidRecord or Cause.UnknownTopic or Cause.NotAuthorized or Cause.Overloaded)
        {
            commit.Refusal = KafkaCauses.ToBroken(error, default);
        }
    }

    private void Retrying(Action call, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Next(pause))
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                call();
                return;
            }
            catch (KafkaRetriableException problem)
            {
                retried(problem.Error.Reason);
                Pause(pause, cancellationToken);
            }
            catch (KafkaException problem) when (problem is not KafkaTxnRequiresAbortException)
            {
                throw new StreamBrokenException(Cause.NotOwner, $"Somebody else writes to the partition now: {problem.Error.Reason}");
            }
        }
    }

    private static TimeSpan Next(TimeSpan pause) => pause * 2 < LastPause ? pause * 2 : LastPause;

    private static void Pause(TimeSpan pause, CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne(pause);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
