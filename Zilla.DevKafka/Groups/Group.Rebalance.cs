using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Groups;

/// <summary>How members come and go, and how one generation follows another. Everything here runs inside the lock.</summary>
internal sealed partial class Group
{
    private Task<JoinResult> JoinKnown(JoinRequest request)
    {
        if (_pending.Remove(request.MemberId, out var timer))
        {
            timer.Dispose();
            return Add(request.MemberId, request);
        }

        if (request.InstanceId is { } instance && _instances.TryGetValue(instance, out var current) && current != request.MemberId)
        {
            return Task.FromResult(new JoinResult(ErrorCode.FencedInstanceId, request.MemberId));
        }

        if (!_members.TryGetValue(request.MemberId, out var member))
        {
            return Task.FromResult(new JoinResult(ErrorCode.UnknownMemberId, request.MemberId));
        }

        var same = member.Offers(request.Protocols);
        member.Update(request);
        Heard(member);
        var repeatsAnswer = same && (State == GroupState.CompletingRebalance || (State == GroupState.Stable && member.Id != _leader));
        if (repeatsAnswer)
        {
            return Task.FromResult(Answer(member));
        }

        var result = member.AwaitJoin();
        Rebalance();
        return result;
    }

    private Task<JoinResult> Add(string memberId, JoinRequest request)
    {
        var member = new Member(memberId, request);
        _protocolType = request.ProtocolType;
        _members.Add(memberId, member);
        _leader ??= memberId;
        if (member.InstanceId is { } instance)
        {
            _instances[instance] = memberId;
        }

        Heard(member);
        var result = member.AwaitJoin();
        Rebalance();
        return result;
    }

    /// <summary>A static member came back under a new id: it takes the old one's place, and in a stable group also its assignment, without a rebalance.</summary>
    private Task<JoinResult> Replace(Member old, string memberId, JoinRequest request)
    {
        var member = new Member(memberId, request) { Assignment = old.Assignment };
        var same = old.Offers(request.Protocols);
        var wasLeader = _leader == old.Id;
        Remove(old, ErrorCode.FencedInstanceId);
        _members.Add(memberId, member);
        _instances[request.InstanceId!] = memberId;
        _leader = wasLeader ? memberId : _leader;
        Heard(member);
        if (State == GroupState.Stable && same)
        {
            // An older client that saw itself as leader would assign anew, which a stable group does not take: it is told the id that is gone.
            var answer = Answer(member);
            return Task.FromResult(!wasLeader ? answer
                : request.CanSkipAssignment ? answer with { SkipAssignment = true }
                : answer with { Leader = old.Id, Members = [] });
        }

        var result = member.AwaitJoin();
        Rebalance();
        return result;
    }

    private void Remove(Member member, ErrorCode told)
    {
        member.Dispose();
        member.CompleteJoin(new JoinResult(told, member.Id));
        member.CompleteSync(SyncResult.Failed(told));
        _members.Remove(member.Id);
        if (member.InstanceId is { } instance)
        {
            _instances.Remove(instance);
        }

        if (_leader == member.Id)
        {
            _leader = _members.Values.FirstOrDefault(m => m.Joining is not null)?.Id ?? _members.Keys.FirstOrDefault();
        }
    }

    private void Rebalance()
    {
        if (State is not GroupState.PreparingRebalance)
        {
            foreach (var member in _members.Values)
            {
                Heard(member);
                member.CompleteSync(SyncResult.Failed(ErrorCode.RebalanceInProgress));
            }

            _gathering = State == GroupState.Empty && options.InitialRebalanceDelay > TimeSpan.Zero;
            State = GroupState.PreparingRebalance;
            var limit = _gathering ? options.InitialRebalanceDelay : _members.Values.Select(m => m.RebalanceTimeout).DefaultIfEmpty().Max();
            Arm(limit, Complete);
        }

        CompleteIfAllJoined();
    }

    private void CompleteIfAllJoined()
    {
        if (State == GroupState.PreparingRebalance && !_gathering && _pending.Count == 0 && _members.Values.All(m => m.Joining is not null))
        {
            Complete();
        }
    }

    /// <summary>Starts the next generation with those who joined; who did not is out, but for static members, whom only their session ends.</summary>
    private void Complete()
    {
        _gathering = false;
        Disarm();
        foreach (var late in _members.Values.Where(m => m.Joining is null && m.InstanceId is null).ToList())
        {
            Remove(late, ErrorCode.UnknownMemberId);
        }

        if (_members.Count > 0 && !_members.Values.Any(m => m.Joining is not null))
        {
            // Only static members that are away: keep waiting for the first of them.
            Arm(_members.Values.Max(m => m.RebalanceTimeout), Complete);
            return;
        }

        _generation++;
        if (_members.Count == 0)
        {
            State = GroupState.Empty;
            _protocol = null;
            _leader = null;
            return;
        }

        if (_members[_leader!].Joining is null)
        {
            _leader = _members.Values.First(m => m.Joining is not null).Id;
        }

        _protocol = ChooseProtocol();
        State = GroupState.CompletingRebalance;
        Arm(_members.Values.Max(m => m.RebalanceTimeout), ExpireSync);
        foreach (var member in _members.Values)
        {
            member.Assignment = [];
            Heard(member);
            member.CompleteJoin(Answer(member));
        }
    }

    private void Assign(Dictionary<string, byte[]> assignments)
    {
        Disarm();
        State = GroupState.Stable;
        foreach (var member in _members.Values)
        {
            member.Assignment = assignments.GetValueOrDefault(member.Id, []);
            Heard(member);
            member.CompleteSync(new SyncResult(ErrorCode.None, member.Assignment, _protocolType, _protocol));
        }
    }

    /// <summary>The strategy that all offer and most like best: each member votes for the first of its own that is common.</summary>
    private string ChooseProtocol()
    {
        var common = _members.Values.First().Protocols.Select(p => p.Name).Where(name => _members.Values.All(m => m.Protocols.Exists(p => p.Name == name))).ToHashSet();
        return _members.Values
            .Select(m => m.Protocols.First(p => common.Contains(p.Name)).Name)
            .GroupBy(name => name)
            .MaxBy(votes => votes.Count())!.Key;
    }

    private JoinResult Answer(Member member) => new(
        ErrorCode.None, member.Id, _generation, _protocolType, _protocol, _leader!,
        member.Id == _leader ? [.. _members.Values.Select(m => new JoinedMember(m.Id, m.InstanceId, m.MetadataFor(_protocol)))] : []);

    private void Heard(Member member) => member.Heard(options.Time, Expire);

    private void Expire(Member member)
    {
        lock (_gate)
        {
            if (!_members.TryGetValue(member.Id, out var current) || current != member)
            {
                return;
            }

            if (member.IsWaiting)
            {
                Heard(member);
                return;
            }

            Remove(member, ErrorCode.UnknownMemberId);
            Rebalance();
        }
    }

    private void ExpirePending(string memberId)
    {
        lock (_gate)
        {
            if (_pending.Remove(memberId, out var timer))
            {
                timer.Dispose();
                CompleteIfAllJoined();
            }
        }
    }

    /// <summary>Members that got their generation but never asked for its assignment are out, the leader among them.</summary>
    private void ExpireSync()
    {
        foreach (var silent in _members.Values.Where(m => m.Syncing is null).ToList())
        {
            Remove(silent, ErrorCode.UnknownMemberId);
        }

        Rebalance();
    }

    private void Arm(TimeSpan after, Action action)
    {
        Disarm();
        ITimer? mine = null;
        mine = options.Time.CreateTimer(_ =>
        {
            lock (_gate)
            {
                // A timer that was replaced while its callback waited for the lock has nothing to say any more.
                if (ReferenceEquals(mine, _rebalanceTimer))
                {
                    action();
                }
            }
        }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _rebalanceTimer = mine;
        mine.Change(after, Timeout.InfiniteTimeSpan);
    }

    private void Disarm()
    {
        _rebalanceTimer?.Dispose();
        _rebalanceTimer = null;
    }
}
