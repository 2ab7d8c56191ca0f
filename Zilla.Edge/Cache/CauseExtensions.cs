using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

internal static class CauseExtensions
{
    /// <summary>Whether trying again, perhaps with another replica, cannot help.</summary>
    public static bool IsFinal(this Cause cause) => cause is Cause.UnknownTopic or Cause.NotAuthorized or Cause.InvalidRecord;
}
