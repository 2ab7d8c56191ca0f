using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Transactions;

/// <summary>
/// One transactional id. A single-threaded object: every member holds the lock, and so does each write of its records, so that none comes in behind the marker
/// that ends its transaction. A change is on disk before it is acted upon: what was begun is found again after a crash and taken to its end.
/// </summary>
internal sealed partial class Transaction(string id, TransactionData data, TransactionEffects effects, TransactionOptions options, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _forgotten;

    public string Id => id;

    /// <summary>The state as of now.</summary>
    public TransactionData Data
    {
        get
        {
            lock (_gate)
            {
                return data;
            }
        }
    }

    /// <summary>Adds what the producer is going to write to; the first begins the transaction.</summary>
    public ErrorCode AddPartitions(ProducerIdentity producer, IReadOnlyCollection<TopicPartition> partitions) =>
        Add(producer, d => d with { Partitions = d.Partitions.Union(partitions) });

    /// <summary>Adds the group whose offsets the producer is going to commit.</summary>
    public ErrorCode AddGroup(ProducerIdentity producer, string group) => Add(producer, d => d with { Groups = d.Groups.Add(group) });

    /// <summary>Writes a batch of the transaction to a partition that was added to it.</summary>
    public AppendResult Append(ProducerIdentity producer, TopicPartition partition, PartitionLog log, ReadOnlyMemory<byte> batch)
    {
        lock (_gate)
        {
            var error = CheckWrite(producer);
            return error != ErrorCode.None ? AppendResult.Failed(error)
                : !data.Partitions.Contains(partition) ? AppendResult.Failed(ErrorCode.InvalidTxnState, "the partition was not added to the transaction")
                : log.Append(batch);
        }
    }

    /// <summary>Writes offsets that are committed with the transaction.</summary>
    public ErrorCode CommitOffsets(ProducerIdentity producer, string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets)
    {
        lock (_gate)
        {
            var error = CheckWrite(producer);
            return error != ErrorCode.None ? error
                : !data.Groups.Contains(group) ? ErrorCode.InvalidTxnState
                : effects.AddOffsets(producer.Id, group, offsets);
        }
    }

    /// <summary>Forgets the id when it has not been used since <paramref name="before"/> (ms since 1970); true when it is gone.</summary>
    public bool TryForget(long before)
    {
        lock (_gate)
        {
            if (_forgotten)
            {
                return true;
            }

            if (data.State == TransactionState.Ongoing || data.IsPrepared || data.UpdatedAt >= before)
            {
                return false;
            }

            _forgotten = data.Producer == ProducerIdentity.None || effects.Save(id, null) == ErrorCode.None;
            return _forgotten;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Disarm();
        }
    }

    private ErrorCode Add(ProducerIdentity producer, Func<TransactionData, TransactionData> add)
    {
        lock (_gate)
        {
            var error = Check(producer);
            if (error != ErrorCode.None)
            {
                return error;
            }

            var begins = data.State != TransactionState.Ongoing;
            var changed = add(begins ? data with { State = TransactionState.Ongoing, StartedAt = options.Now } : data);
            if (changed.Equals(data))
            {
                return ErrorCode.None; // asked again
            }

            error = Save(changed);
            if (error == ErrorCode.None && begins)
            {
                ArmTimeout();
            }

            return error;
        }
    }

    /// <summary>Whether a request of this producer may be obeyed; what was prepared is completed first.</summary>
    private ErrorCode Check(ProducerIdentity producer) =>
        _forgotten ? ErrorCode.CoordinatorNotAvailable
        : data.Producer == ProducerIdentity.None || producer.Id != data.Producer.Id ? ErrorCode.InvalidProducerIdMapping
        : producer.Epoch != data.Producer.Epoch ? ErrorCode.ProducerFenced
        : !TryComplete() ? ErrorCode.ConcurrentTransactions
        : ErrorCode.None;

    private ErrorCode CheckWrite(ProducerIdentity producer)
    {
        var error = Check(producer);
        return error == ErrorCode.ProducerFenced ? ErrorCode.InvalidProducerEpoch
            : error == ErrorCode.None && data.State != TransactionState.Ongoing ? ErrorCode.InvalidTxnState
            : error;
    }

    private ErrorCode Save(TransactionData changed)
    {
        changed = changed with { UpdatedAt = options.Now };
        var error = effects.Save(id, changed);
        if (error != ErrorCode.None)
        {
            return ErrorCode.CoordinatorNotAvailable;
        }

        data = changed;
        return ErrorCode.None;
    }
}
