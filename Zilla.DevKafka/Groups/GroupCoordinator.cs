using System.Collections.Concurrent;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Groups;

/// <summary>
/// All groups. Members live in memory only: after a restart they are unknown, join again and go on from their committed offsets, which are on disk.
/// </summary>
internal sealed class GroupCoordinator(OffsetStore offsets, GroupOptions options)
{
    private readonly ConcurrentDictionary<string, Group> _groups = new(StringComparer.Ordinal);

    public OffsetStore Offsets => offsets;

    public Group? Find(string id) => _groups.TryGetValue(id, out var group) ? group : null;

    public Group FindOrAdd(string id) => _groups.GetOrAdd(id, static (key, o) => new Group(key, o), options);

    public IReadOnlyList<GroupDescription> List() =>
        [.. _groups.Keys.Union(offsets.Groups).Select(Describe).OfType<GroupDescription>()];

    /// <summary>Null when there is no such group: no members and no offsets.</summary>
    public GroupDescription? Describe(string id)
    {
        var description = Find(id)?.Describe();
        var lives = description is { Members.Count: > 0 } || offsets.All(id).Count > 0;
        return lives ? description ?? new(id, nameof(GroupState.Empty), "consumer", "", []) : null;
    }

    /// <summary>Drops the objects of groups that have neither members nor offsets any more.</summary>
    public void Sweep()
    {
        foreach (var (id, group) in _groups)
        {
            if (offsets.All(id).Count == 0 && group.TryDelete())
            {
                _groups.TryRemove(KeyValuePair.Create(id, group));
            }
        }
    }

    public ErrorCode Delete(string id)
    {
        if (Describe(id) is null)
        {
            return ErrorCode.GroupIdNotFound;
        }

        if (Find(id) is { } group)
        {
            if (!group.TryDelete())
            {
                return ErrorCode.NonEmptyGroup;
            }

            _groups.TryRemove(KeyValuePair.Create(id, group));
        }

        offsets.Forget(id);
        return ErrorCode.None;
    }

    /// <summary>Forgets what any group committed for a topic that was deleted.</summary>
    public void ForgetTopic(string topic) => offsets.ForgetTopic(topic);

    /// <summary>Whether a member of the group, or a lone consumer of an empty one, may commit.</summary>
    public ErrorCode CheckCommit(string id, string memberId, string? instanceId, int generation)
    {
        if (generation >= 0 && Find(id) is null)
        {
            return ErrorCode.UnknownMemberId;
        }

        return Find(id)?.CheckCommit(memberId, instanceId, generation) ?? ErrorCode.None;
    }

    /// <summary>
    /// Whether a transaction may commit for the group. A producer of before Kafka 2.5 does not say for which member it writes; its epoch is what fences it. A member
    /// that has its generation but not yet its assignment may: nothing has been given to another.
    /// </summary>
    public ErrorCode CheckTransactionalCommit(string id, string memberId, string? instanceId, int generation)
    {
        if (generation < 0 && memberId.Length == 0 && instanceId is null)
        {
            return ErrorCode.None;
        }

        var error = CheckCommit(id, memberId, instanceId, generation);
        return error == ErrorCode.RebalanceInProgress ? ErrorCode.None : error;
    }
}
