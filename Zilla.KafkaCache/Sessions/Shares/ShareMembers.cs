namespace Zilla.KafkaCache.Sessions.Shares;

/// <summary>Who takes part in a group, and how much each has in hand. For one caller at a time.</summary>
/// <param name="most">How much a member may have in hand.</param>
internal sealed class ShareMembers<T>(Func<T, int> most)
    where T : class
{
    private readonly List<(T Member, int InHand)> _members = [];
    private int _turn;

    public int Count => _members.Count;

    public IReadOnlyList<T> All => [.. _members.Select(entry => entry.Member)];

    public void Add(T member) => _members.Add((member, 0));

    public bool Remove(T member) => _members.RemoveAll(entry => entry.Member == member) > 0;

    /// <summary>Who has least in hand, of those that have room; they take turns where several have. Null: nobody has.</summary>
    /// <param name="except">Those are not asked; null: all are.</param>
    public T? Take(IReadOnlySet<T>? except = null)
    {
        var best = -1;
        for (var i = 0; i < _members.Count; i++)
        {
            var at = (_turn + i) % _members.Count;
            var (member, inHand) = _members[at];
            if (inHand < most(member) && except?.Contains(member) is not true && (best < 0 || inHand < _members[best].InHand))
            {
                best = at;
            }
        }

        if (best < 0)
        {
            return null;
        }

        _turn = best + 1;
        _members[best] = (_members[best].Member, _members[best].InHand + 1);
        return _members[best].Member;
    }

    /// <summary>It has one less.</summary>
    public void GiveBack(T member)
    {
        var at = _members.FindIndex(entry => entry.Member == member);
        if (at >= 0)
        {
            _members[at] = (member, _members[at].InHand - 1);
        }
    }
}
