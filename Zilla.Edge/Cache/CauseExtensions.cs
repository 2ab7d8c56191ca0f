using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

internal static class CauseExtensions
{
    /// <summary>Whether trying again, perhaps with another replica, cannot help.</summary>
    public static bool IsFinal(this Cause cause) => cause is Cause.UnknownTopic or Cause.NotAuthorized or Cause.InvalidRecord;

    /// <summary>Whether it is this replica that is going away, gone, or not yet there: another one, or this one in a moment, may serve.</summary>
    public static bool IsOfReplica(this Cause cause) => cause is Cause.LaneLost or Cause.ShuttingDown or Cause.UnknownCluster;
}
