using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Groups;

/// <summary>
/// One consumer group, classic protocol. A single-threaded object: every member holds the lock, nothing waits inside it; requests that must
/// wait (join for the others, sync for the leader) get a task that a later call or a timer completes.
/// <code>
///          join                      all joined, or the time is up        leader's sync
/// Empty ─────────▶ PreparingRebalance ──────────────────▶ CompletingRebalance ─────────▶ Stable
///   ▲                 ▲   │ none left                          │ join, leave, expiry       │
///   └─────────────────┼───┘◀───────────────────────────────────┴───────────────────────────┘
/// </code>
/// </summary>
internal sealed partial class Group(string id, GroupOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _instances = new(StringComparer.Ordinal);

    /// <summary>Ids handed out with MEMBER_ID_REQUIRED, until their owner joins with them or their session time is over.</summary>
    private readonly Dictionary<string, ITimer> _pending = new(StringComparer.Ordinal);
    private ITimer? _rebalanceTimer;
    private string? _leader;
    private string? _protocolType;
    private string? _protocol;
    private int _generation;

    /// <summary>The first generation of an empty group waits out the initial delay even if all known members have joined.</summary>
    private bool _gathering;

    public GroupState State { get; private set; }

    public Task<JoinResult> Join(JoinRequest request)
    {
        lock (_gate)
        {
            if (Refuses(request) is { } error)
            {
                return Task.FromResult(new JoinResult(error, request.MemberId));
            }

            if (request.MemberId.Length > 0)
            {
                return JoinKnown(request);
            }

            var memberId = $"{request.InstanceId ?? request.ClientId}-{Guid.NewGuid()}";
            if (request.InstanceId is { } instance && _instances.TryGetValue(instance, out var old))
            {
                return Replace(_members[old], memberId, request);
            }

            if (request.MustKnowMember && request.InstanceId is null)
            {
                _pending[memberId] = options.Time.CreateTimer(_ => ExpirePending(memberId), null, request.SessionTimeout, Timeout.InfiniteTimeSpan);
                return Task.FromResult(new JoinResult(ErrorCode.MemberIdRequired, memberId));
            }

            return Add(memberId, request);
        }
    }

    public Task<SyncResult> Sync(SyncRequest request)
    {
        lock (_gate)
        {
            var error = Check(request.MemberId, request.InstanceId, request.Generation, out var member);
            if (error == ErrorCode.None
                && ((request.ProtocolType is not null && request.ProtocolType != _protocolType) || (request.Protocol is not null && request.Protocol != _protocol)))
            {
                error = ErrorCode.InconsistentGroupProtocol;
            }

            if (error != ErrorCode.None)
            {
                return Task.FromResult(SyncResult.Failed(error));
            }

            switch (State)
            {
                case GroupState.PreparingRebalance:
                    return Task.FromResult(SyncResult.Failed(ErrorCode.RebalanceInProgress));
                case GroupState.Stable:
                    Heard(member!);
                    return Task.FromResult(new SyncResult(ErrorCode.None, member!.Assignment, _protocolType, _protocol));
            }

            var result = member!.AwaitSync();
            if (member.Id == _leader)
            {
                Assign(request.Assignments);
            }

            return result;
        }
    }

    public ErrorCode Heartbeat(string memberId, string? instanceId, int generation)
    {
        lock (_gate)
        {
            var error = Check(memberId, instanceId, generation, out var member);
            if (error != ErrorCode.None)
            {
                return error;
            }

            Heard(member!);
            return State == GroupState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }

    public ErrorCode Leave(string memberId, string? instanceId)
    {
        lock (_gate)
        {
            if (instanceId is not null && _instances.TryGetValue(instanceId, out var current))
            {
                if (memberId.Length > 0 && memberId != current)
                {
                    return ErrorCode.FencedInstanceId;
                }

                memberId = current;
            }

            if (_pending.Remove(memberId, out var timer))
            {
                timer.Dispose();
                CompleteIfAllJoined();
                return ErrorCode.None;
            }

            if (!_members.TryGetValue(memberId, out var member))
            {
                return ErrorCode.UnknownMemberId;
            }

            Remove(member, ErrorCode.UnknownMemberId);
            Rebalance();
            return ErrorCode.None;
        }
    }

    /// <summary>Whether offsets may be committed by this member, or (generation below 0) by someone outside the group protocol.</summary>
    public ErrorCode CheckCommit(string memberId, string? instanceId, int generation)
    {
        lock (_gate)
        {
            if (generation < 0 && _members.Count == 0)
            {
                return State == GroupState.Dead ? ErrorCode.CoordinatorNotAvailable : ErrorCode.None;
            }

            var error = Check(memberId, instanceId, generation, out var member);
            if (error != ErrorCode.None)
            {
                return error;
            }

            Heard(member!);
            return State == GroupState.CompletingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        }
    }

    public GroupDescription Describe()
    {
        lock (_gate)
        {
            var stable = State == GroupState.Stable;
            return new(id, State.ToString(), _protocolType ?? "", stable ? _protocol ?? "" : "", [.. _members.Values.Select(m => new MemberDescription(
                m.Id, m.InstanceId, m.ClientId, m.ClientHost, stable ? m.MetadataFor(_protocol) : [], stable ? m.Assignment : []))]);
        }
    }

    /// <summary>Marks an empty group as gone; false when it has members.</summary>
    public bool TryDelete()
    {
        lock (_gate)
        {
            if (_members.Count > 0 || _pending.Count > 0)
            {
                return false;
            }

            State = GroupState.Dead;
            return true;
        }
    }

    private ErrorCode? Refuses(JoinRequest request)
    {
        if (State == GroupState.Dead)
        {
            return ErrorCode.CoordinatorNotAvailable;
        }

        if (request.SessionTimeout < options.MinimumSessionTimeout || request.SessionTimeout > options.MaximumSessionTimeout)
        {
            return ErrorCode.InvalidSessionTimeout;
        }

        if (request.Protocols.Count == 0 || request.ProtocolType.Length == 0 || (_members.Count > 0 && !Suits(request)))
        {
            return ErrorCode.InconsistentGroupProtocol;
        }

        return request.MemberId.Length == 0 && request.InstanceId is null && _members.Count + _pending.Count >= options.MaximumSize ? ErrorCode.GroupMaxSizeReached : null;
    }

    /// <summary>The same kind of group, and at least one strategy that all other members offer too.</summary>
    private bool Suits(JoinRequest request)
    {
        var others = _members.Values.Where(m => m.Id != request.MemberId && (request.InstanceId is null || m.InstanceId != request.InstanceId)).ToList();
        return request.ProtocolType == _protocolType && request.Protocols.Exists(p => others.TrueForAll(m => m.Protocols.Exists(o => o.Name == p.Name)));
    }

    private ErrorCode Check(string memberId, string? instanceId, int generation, out Member? member)
    {
        member = null;
        if (State == GroupState.Dead)
        {
            return ErrorCode.CoordinatorNotAvailable;
        }

        if (instanceId is not null && _instances.TryGetValue(instanceId, out var current) && current != memberId)
        {
            return ErrorCode.FencedInstanceId;
        }

        return !_members.TryGetValue(memberId, out member) ? ErrorCode.UnknownMemberId
            : generation != _generation ? ErrorCode.IllegalGeneration
            : ErrorCode.None;
    }
}
