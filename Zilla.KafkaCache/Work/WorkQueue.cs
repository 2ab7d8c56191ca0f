using Zilla.KafkaCache.Sessions.Shares;

namespace Zilla.KafkaCache.Work;

/// <summary>
/// The edges that are there, and the calls that none of them makes yet: who is given which next. What an edge has lost comes before what is new; what an edge has refused goes to another, or is set aside
/// until one comes that has not. For one caller at a time.
/// </summary>
internal sealed class WorkQueue
{
    private readonly ShareMembers<IWorkMember> _members = new(member => member.Calls);
    private readonly LinkedList<WorkCall> _waiting = new();

    // Every edge that is there has refused these.
    private readonly LinkedList<WorkCall> _untaken = new();

    /// <summary>The first of the calls that every edge that is there has refused; null: there is none.</summary>
    public WorkCall? Untaken => _untaken.First?.Value;

    /// <summary>The edge may be one for what none took before.</summary>
    public void Join(IWorkMember member)
    {
        _members.Add(member);
        AskAgain();
    }

    /// <summary>False: the edge is not there.</summary>
    public bool Leave(IWorkMember member) => _members.Remove(member);

    /// <summary>The edge may be given one call more.</summary>
    public void GiveBack(IWorkMember member) => _members.GiveBack(member);

    /// <summary>A call that is new.</summary>
    public void Add(WorkCall call) => _waiting.AddLast(call);

    /// <summary>A call that an edge had, and that begins anew.</summary>
    public void AddFirst(WorkCall call) => _waiting.AddFirst(call);

    /// <summary>False: it is not here.</summary>
    public bool Remove(WorkCall call) => _waiting.Remove(call) || _untaken.Remove(call);

    /// <summary>Calls of a partition that have had no route for so long.</summary>
    public IReadOnlyList<WorkCall> Unrouted(PartitionCalls partition, TimeSpan limit) =>
        [.. _untaken.Where(call => call.Partition == partition && call.GivenUp is null && call.Refusals?.Time >= limit)];

    /// <summary>What is given up any edge can answer, also those that have refused it.</summary>
    public void AddGivenUp()
    {
        foreach (var call in _untaken.Where(call => call.GivenUp is not null).ToList())
        {
            _untaken.Remove(call);
            _waiting.AddLast(call);
        }
    }

    /// <summary>Gives out what can be, the records that have come with it.</summary>
    public void Dispatch()
    {
        if (_members.Count == 0)
        {
            // Edges that are away say nothing of their routes.
            AskAgain();
        }

        for (var (node, next) = (_waiting.First, _waiting.First?.Next); node is { Value: var call }; (node, next) = (next, next?.Next))
        {
            // Whoever has refused it can still say what it is answered with.
            var except = call.GivenUp is null ? call.Refusals?.By : null;
            if (_members.Take(except) is { } member)
            {
                _waiting.Remove(node);
                Give(call, member);
            }
            else if (except is null)
            {
                break;
            }
            else if (_members.Count > 0 && _members.All.All(except.Contains))
            {
                _waiting.Remove(node);
                _untaken.AddLast(call);
                call.Refusals?.Stand();
            }
        }
    }

    private static void Give(WorkCall call, IWorkMember member)
    {
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

    private void AskAgain()
    {
        while (_untaken.Last is { Value: var call })
        {
            _untaken.RemoveLast();
            call.Refusals?.Ask();
            _waiting.AddFirst(call);
        }
    }
}
