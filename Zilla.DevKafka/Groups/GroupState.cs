namespace Zilla.DevKafka.Groups;

internal enum GroupState
{
    /// <summary>No members; there may be committed offsets.</summary>
    Empty,

    /// <summary>A new generation is due: waiting for every member to join again.</summary>
    PreparingRebalance,

    /// <summary>All joined: waiting for the leader's assignment.</summary>
    CompletingRebalance,

    /// <summary>Every member has its assignment.</summary>
    Stable,

    /// <summary>Deleted; whoever still holds the object must look the group up again.</summary>
    Dead,
}
