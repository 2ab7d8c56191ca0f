using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Work;

/// <summary>
/// The calls of a kafka-grpc binding in the partitions that this replica has, and which edge makes which. Those of an edge that has gone begin anew at others, before what is new. What is kept is
/// bounded: there is more when what is there is over. A call that could be what everything waits for is given up. One that an edge has no route for goes to another, or waits for one that has. For any thread.
/// </summary>
/// <param name="limits">How much is kept.</param>
/// <param name="telemetry">Counts.</param>
/// <param name="time">The clock.</param>
internal sealed class WorkGroup(WorkLimits limits, WorkTelemetry telemetry, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly KeptCalls _calls = new(limits, telemetry);
    private readonly WorkQueue _queue = new();
    private TaskCompletionSource? _finished;
    private ulong _number;

    public void Join(IWorkMember member)
    {
        lock (_gate)
        {
            _queue.Join(member);
            Dispatch();
        }
    }

    /// <summary>The calls that the edge had under way begin anew at others. Gives why no edge that is left has a route for one of them; null: that is not so, or was so of another before.</summary>
    public string? Leave(IWorkMember member)
    {
        lock (_gate)
        {
            if (!_queue.Leave(member))
            {
                return null;
            }

            foreach (var call in _calls.All)
            {
                call.Refusals?.Forget(member);
            }

            foreach (var call in _calls.All.Where(call => call.Member == member).OrderByDescending(call => call.Number))
            {
                telemetry.Repeated.Add(1);
                call.Refusals?.Lose();
                TakeBack(call);
            }

            var first = _queue.Untaken is null;
            Dispatch();
            return first ? _queue.Untaken?.Refusals?.Reason : null;
        }
    }

    /// <summary>The edge has no route for a call that is its own: others are asked, those that come later among them. True: none is there, and there was none such call before.</summary>
    public bool Refuse(IWorkMember member, ulong number, string reason)
    {
        lock (_gate)
        {
            if (_calls.Find(member, number) is not { } call)
            {
                return false;
            }

            telemetry.Refused.Add(1);
            call.Refuse(member, reason, time);
            _queue.GiveBack(member);
            TakeBack(call);
            var first = _queue.Untaken is null;
            Dispatch();
            return first && _queue.Untaken is not null;
        }
    }

    /// <summary>A record of a call has been read. Completes when the next may be.</summary>
    public Task AddAsync(PartitionCalls partition, in KafkaRecord record, string id, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!partition.IsLeaving && partition.Take(record, id, time.GetTimestamp(), () => ++_number) is { } call)
            {
                Take(call, call.Records[^1]);
                Dispatch();
            }

            if (_calls.HasRoom)
            {
                return Task.CompletedTask;
            }

            GiveUpHindrance();
            return _calls.WaitAsync(cancellationToken);
        }
    }

    public void PassTo(PartitionCalls partition, long offset)
    {
        lock (_gate)
        {
            partition.PassTo(offset);
        }
    }

    /// <summary>The offset of a partition that is to be read next, and the one that may be committed.</summary>
    public (long Next, long Committable) Position(PartitionCalls partition)
    {
        lock (_gate)
        {
            return (partition.Next, partition.Committable);
        }
    }

    /// <summary>An edge has done with a call that is its own; its place is free. Null: it is not, or is another's by now.</summary>
    public WorkCall? Release(IWorkMember member, ulong number)
    {
        lock (_gate)
        {
            if (_calls.Find(member, number) is not { } call)
            {
                return null;
            }

            call.Member = null;
            call.IsMade = true;
            call.Partition.Close(call);
            _queue.GiveBack(member);
            Dispatch();
            return call;
        }
    }

    /// <summary>The call is over: its records count as consumed.</summary>
    public void Finish(WorkCall call)
    {
        lock (_gate)
        {
            Remove(call);
            call.Partition.Finish(call);
            telemetry.Finished.Add(1);
            Dispatch();
        }
    }

    /// <summary>The offset of a partition that is to be read next, if calls in it wait for more of their records; null: none does.</summary>
    public long? Awaited(PartitionCalls partition)
    {
        lock (_gate)
        {
            return partition.Open.Count > 0 ? partition.Next : null;
        }
    }

    /// <summary>What the calls of a partition have waited for their next records between two timestamps of the clock counts: these could have come.</summary>
    public void CountWaiting(PartitionCalls partition, long since, long until)
    {
        lock (_gate)
        {
            foreach (var call in partition.Open)
            {
                var from = Math.Max(call.LastAt, since);
                call.Waited += until > from ? time.GetElapsedTime(from, until) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Gives up calls whose end has not come for too long, or which no edge has had a route for.</summary>
    public void Sweep(PartitionCalls partition)
    {
        lock (_gate)
        {
            foreach (var call in partition.Open.Where(call => call.Waited >= limits.Idle).ToList())
            {
                GiveUp(call, WorkAnswer.TooLate(limits.Idle));
            }

            foreach (var call in _queue.Unrouted(partition, limits.Unrouted))
            {
                GiveUp(call, WorkAnswer.NoRoute(limits.Unrouted, call.Refusals!.Reason));
            }

            _queue.AddGivenUp();
            Dispatch();
        }
    }

    /// <summary>No more calls are taken from the partition, and none that waits is begun; completes when those under way are over.</summary>
    public async Task DrainAsync(PartitionCalls partition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task finished;
            lock (_gate)
            {
                partition.IsLeaving = true;
                foreach (var call in partition.All.Where(_queue.Remove).ToList())
                {
                    Remove(call);
                }

                if (!_calls.All.Any(call => call.Partition == partition))
                {
                    return;
                }

                finished = (_finished ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await finished.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The partition is another replica's: what its calls are answered with is no longer this replica's to say.</summary>
    public void Drop(PartitionCalls partition)
    {
        lock (_gate)
        {
            partition.IsLeaving = true;
            foreach (var call in _calls.All.Where(call => call.Partition == partition).ToList())
            {
                if (call.Member is { } member)
                {
                    member.GiveUp(call, null);
                    _queue.GiveBack(member);
                    call.Member = null;
                }

                _queue.Remove(call);
                Remove(call);
            }

            Dispatch();
        }
    }

    private void Take(WorkCall call, in KafkaRecord record)
    {
        if (_calls.Add(call, record))
        {
            _queue.Add(call);
        }
        else
        {
            call.Member?.Deliver(call, record);
        }
    }

    /// <summary>It is no edge's any more, and begins anew at another.</summary>
    private void TakeBack(WorkCall call)
    {
        call.Member = null;
        if (call.Partition.IsLeaving)
        {
            Remove(call);
        }
        else
        {
            _queue.AddFirst(call);
        }
    }

    private void Remove(WorkCall call)
    {
        if (_calls.Remove(call))
        {
            _finished?.TrySetResult();
            _finished = null;
        }
    }

    private void GiveUp(WorkCall call, WorkAnswer answer)
    {
        (call.IsEnded, call.GivenUp) = (true, answer);
        call.Partition.Close(call);
        call.Member?.GiveUp(call, answer);
    }

    private void GiveUpHindrance()
    {
        if (_calls.Hindrance is { } call)
        {
            GiveUp(call, WorkAnswer.TooMuch);
        }
    }

    private void Dispatch()
    {
        _queue.Dispatch();
        _calls.LookForRoom();
        if (_calls.IsAwaited)
        {
            // What could have moved may be over, or what could not have begun just now.
            GiveUpHindrance();
        }
    }
}
