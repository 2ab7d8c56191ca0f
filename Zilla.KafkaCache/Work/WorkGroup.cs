using Zilla.KafkaCache.Sessions.Shares;
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
    private readonly ShareMembers<IWorkMember> _members = new(member => member.Calls);
    private readonly Dictionary<ulong, WorkCall> _calls = [];
    private readonly LinkedList<WorkCall> _waiting = new();

    // Every edge that is there has refused these.
    private readonly LinkedList<WorkCall> _untaken = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _finished;
    private ulong _number;
    private long _bytes;
    private long _readSince;

    public void Join(IWorkMember member)
    {
        lock (_gate)
        {
            _members.Add(member);
            Ask();
        }
    }

    /// <summary>The calls that the edge had under way begin anew at others.</summary>
    public void Leave(IWorkMember member)
    {
        lock (_gate)
        {
            if (!_members.Remove(member))
            {
                return;
            }

            foreach (var call in _calls.Values)
            {
                call.Refusals?.Forget(member);
            }

            foreach (var call in _calls.Values.Where(call => call.Member == member).OrderByDescending(call => call.Number))
            {
                telemetry.Repeated.Add(1);
                call.Refusals?.Lose();
                TakeBack(call);
            }

            if (_members.Count == 0)
            {
                Ask();
            }

            Dispatch();
        }
    }

    /// <summary>The edge has no route for a call that is its own: others are asked, those that come later among them. True: none is there, and there was none such call before.</summary>
    public bool Refuse(IWorkMember member, ulong number, string reason)
    {
        lock (_gate)
        {
            if (_calls.GetValueOrDefault(number) is not { } call || call.Member != member)
            {
                return false;
            }

            telemetry.Refused.Add(1);
            call.Refuse(member, reason, time);
            _members.GiveBack(member);
            TakeBack(call);
            var first = _untaken.Count == 0;
            Dispatch();
            return first && _untaken.Count > 0;
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

            return WaitForRoomAsync(cancellationToken);
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
            if (_calls.GetValueOrDefault(number) is not { } call || call.Member != member)
            {
                return null;
            }

            call.Member = null;
            call.IsMade = true;
            call.Partition.Close(call);
            _members.GiveBack(member);
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

    /// <summary>Gives up calls whose end has not come for too long, or which no edge has had a route for.</summary>
    public void Sweep(PartitionCalls partition)
    {
        lock (_gate)
        {
            // What could not be read for want of room is not late.
            var from = _room is null ? _readSince : time.GetTimestamp();
            foreach (var call in partition.Open.Where(call => time.GetElapsedTime(Math.Max(call.LastAt, from)) >= limits.Idle).ToList())
            {
                GiveUp(call, WorkAnswer.TooLate(limits.Idle));
            }

            foreach (var call in _untaken.Where(call => call.Partition == partition && call.GivenUp is null).ToList())
            {
                if (call.Refusals is { } refusals && refusals.Time >= limits.Unrouted)
                {
                    GiveUp(call, WorkAnswer.NoRoute(limits.Unrouted, refusals.Reason));
                }
            }

            // What is given up any edge can answer.
            foreach (var call in _untaken.Where(call => call.GivenUp is not null).ToList())
            {
                _untaken.Remove(call);
                _waiting.AddLast(call);
            }

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
                foreach (var call in partition.All.Where(call => _waiting.Remove(call) || _untaken.Remove(call)).ToList())
                {
                    Remove(call);
                }

                if (!_calls.Values.Any(call => call.Partition == partition))
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
            foreach (var call in _calls.Values.Where(call => call.Partition == partition).ToList())
            {
                if (call.Member is { } member)
                {
                    member.GiveUp(call, null);
                    _members.GiveBack(member);
                    call.Member = null;
                }

                _ = _waiting.Remove(call) || _untaken.Remove(call);
                Remove(call);
            }

            Dispatch();
        }
    }

    private void Take(WorkCall call, in KafkaRecord record)
    {
        _bytes += 128 + record.Encoded.Length + record.Value.Length;
        if (_calls.TryAdd(call.Number, call))
        {
            telemetry.Calls.Add(1);
            _waiting.AddLast(call);
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
            _waiting.AddFirst(call);
        }
    }

    /// <summary>There may be an edge for what none took before.</summary>
    private void Ask()
    {
        while (_untaken.Last is { Value: var call })
        {
            _untaken.RemoveLast();
            call.Refusals?.Ask();
            _waiting.AddFirst(call);
        }

        Dispatch();
    }

    private void Remove(WorkCall call)
    {
        if (_calls.Remove(call.Number))
        {
            telemetry.Calls.Add(-1);
            _bytes -= call.Bytes;
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

    private bool HasRoom => _calls.Count < limits.Calls && _bytes < limits.Bytes;

    private Task WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (HasRoom)
        {
            return Task.CompletedTask;
        }

        GiveUpHindrance();
        _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _room.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Where all calls under way wait for records that lie behind what is kept, nothing would ever move: gives up the largest of them, or where they are many the one that waits longest.</summary>
    private void GiveUpHindrance()
    {
        var underWay = _calls.Values.Where(call => call.Member is not null || call.IsMade);
        if (!underWay.Any(call => call.IsEnded || call.IsMade) && (_bytes >= limits.Bytes ? underWay.MaxBy(call => call.Bytes) : underWay.MinBy(call => call.LastAt)) is { } hindrance)
        {
            GiveUp(hindrance, WorkAnswer.TooMuch);
        }
    }

    private void Dispatch()
    {
        for (var (node, next) = (_waiting.First, _waiting.First?.Next); node is { Value: var call }; (node, next) = (next, next?.Next))
        {
            // Whoever has refused it can still say what it is answered with.
            var except = call.GivenUp is null ? call.Refusals?.By : null;
            if (_members.Take(except) is not { } member)
            {
                if (except is null)
                {
                    break;
                }

                if (_members.Count > 0 && _members.All.All(except.Contains))
                {
                    _waiting.Remove(node);
                    _untaken.AddLast(call);
                    call.Refusals?.Stand();
                }

                continue;
            }

            _waiting.Remove(node);
            call.Member = member;
            call.Refusals?.Give();
            foreach (var record in call.Records)
            {
                member.Deliver(call, record);
            }

            if (call.GivenUp is { } answer)
            {
                member.GiveUp(call, answer);
            }
        }

        if (_room is { } room)
        {
            if (HasRoom)
            {
                (_room, _readSince) = (null, time.GetTimestamp());
                room.TrySetResult();
            }
            else
            {
                // What could have moved may be over, or what could not have begun just now.
                GiveUpHindrance();
            }
        }
    }
}

/// <summary>What may be kept of calls that are not over.</summary>
/// <param name="Calls">So many.</param>
/// <param name="Bytes">Of all their records together; one call alone may be larger by its last record.</param>
/// <param name="Idle">How long the next record of a call may take to come.</param>
/// <param name="Unrouted">How long a call waits for an edge that has a route for it, as <see cref="WorkRefusals"/> count it.</param>
internal sealed record WorkLimits(int Calls, long Bytes, TimeSpan Idle, TimeSpan Unrouted);
