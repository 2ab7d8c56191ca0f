using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Transactions;

/// <summary>How a transaction ends: by its producer, by the next one, by its timeout, or after a crash.</summary>
internal sealed partial class Transaction
{
    /// <summary>
    /// Makes the caller the only producer of this id: the one before is fenced, and what it left open is aborted. A producer that names itself
    /// (<paramref name="expected"/>) is let through only as the current one, or as the one that asks again for the bump it was not told of.
    /// </summary>
    public InitResult Initialize(int timeoutMs, ProducerIdentity? expected)
    {
        if (timeoutMs <= 0 || timeoutMs > options.MaximumTimeout.TotalMilliseconds)
        {
            return InitResult.Failed(ErrorCode.InvalidTransactionTimeout);
        }

        lock (_gate)
        {
            if (_forgotten || !TryComplete())
            {
                return InitResult.Failed(_forgotten ? ErrorCode.CoordinatorNotAvailable : ErrorCode.ConcurrentTransactions);
            }

            if (expected is { } caller && data.Producer != ProducerIdentity.None && caller != data.Producer)
            {
                var asksAgain = caller.Id == data.Producer.Id && caller.Epoch == data.LastEpoch && data.State != TransactionState.Ongoing;
                return asksAgain ? new(ErrorCode.None, data.Producer) : InitResult.Failed(ErrorCode.ProducerFenced);
            }

            var aborts = data.State == TransactionState.Ongoing;
            var error = aborts ? Abort(lastEpoch: data.Producer.Epoch) : ErrorCode.None;
            if (error == ErrorCode.None)
            {
                error = Save((aborts && !data.Producer.IsExhausted ? data : Bumped()) with { State = TransactionState.Empty, TimeoutMs = timeoutMs });
            }

            return error == ErrorCode.None ? new(ErrorCode.None, data.Producer) : InitResult.Failed(error);
        }
    }

    /// <summary>Commits or aborts; once that is decided on disk it happens, whatever comes in between.</summary>
    public ErrorCode End(ProducerIdentity producer, bool commit)
    {
        lock (_gate)
        {
            var error = Check(producer);
            if (error != ErrorCode.None)
            {
                return error;
            }

            if (data.State != TransactionState.Ongoing)
            {
                // The answer to the same request may have been lost.
                return data.State == (commit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort) ? ErrorCode.None : ErrorCode.InvalidTxnState;
            }

            return Complete(data with { State = commit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort });
        }
    }

    /// <summary>After a restart: what was prepared is completed; what is ongoing stays so until its time is up.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (data.IsPrepared)
            {
                logger.Resumed(id, data.State);
                TryComplete();
            }
            else if (data.State == TransactionState.Ongoing)
            {
                ArmTimeout();
            }
        }
    }

    /// <summary>The markers bear a new epoch, so that whoever wrote until now writes no more.</summary>
    private ErrorCode Abort(short lastEpoch) =>
        Complete(data with { State = TransactionState.PrepareAbort, Producer = data.Producer.Next, LastEpoch = lastEpoch });

    private TransactionData Bumped() => data.Producer == ProducerIdentity.None || data.Producer.Next.IsExhausted
        ? data with { Producer = new(effects.NextProducerId(), 0), LastEpoch = ProducerIdentity.NoEpoch }
        : data with { Producer = data.Producer.Next, LastEpoch = data.Producer.Epoch };

    private ErrorCode Complete(TransactionData prepared)
    {
        var error = Save(prepared);
        return error != ErrorCode.None ? error : TryComplete() ? ErrorCode.None : ErrorCode.CoordinatorNotAvailable;
    }

    /// <summary>Takes a prepared transaction to its end; false when that is not possible now.</summary>
    private bool TryComplete()
    {
        if (!data.IsPrepared)
        {
            return true;
        }

        var commit = data.State == TransactionState.PrepareCommit;
        var error = effects.Apply(data, commit);
        if (error == ErrorCode.None)
        {
            error = Save(data with { State = commit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort, StartedAt = -1, Partitions = [], Groups = [] });
        }

        if (error != ErrorCode.None)
        {
            logger.Stuck(id, data.State, error);
            Arm(options.RetryDelay);
            return false;
        }

        Disarm();
        return true;
    }

    private void ArmTimeout() => Arm(TimeSpan.FromMilliseconds(Math.Max(0, data.StartedAt + data.TimeoutMs - options.Now)));

    private void Arm(TimeSpan after)
    {
        _timer ??= options.Time.CreateTimer(_ => Due(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    private void Disarm()
    {
        _timer?.Dispose();
        _timer = null;
    }

    private void Due()
    {
        lock (_gate)
        {
            if (_timer is null || !TryComplete() || data.State != TransactionState.Ongoing)
            {
                return; // ended while this waited for the lock
            }

            if (options.Now < data.StartedAt + data.TimeoutMs)
            {
                ArmTimeout();
                return;
            }

            logger.TimedOut(id, data.TimeoutMs);
            if (Abort(ProducerIdentity.NoEpoch) != ErrorCode.None)
            {
                Arm(options.RetryDelay);
            }
        }
    }
}

/// <summary>The producer a client is from now on, or why it is not.</summary>
internal readonly record struct InitResult(ErrorCode Error, ProducerIdentity Producer)
{
    public static InitResult Failed(ErrorCode error) => new(error, ProducerIdentity.None);
}
