using Microsoft.AspNetCore.Http;
using Zilla.Streams.V1;

namespace Zilla.Edge.Http.Problems;

/// <summary>The one table from what broke a stream to what an HTTP client is told.</summary>
public static class CauseStatus
{
    public static int Of(Cause cause) => cause switch
    {
        Cause.InvalidRecord => StatusCodes.Status400BadRequest,
        Cause.NotAuthorized => StatusCodes.Status403Forbidden,
        Cause.UnknownTopic => StatusCodes.Status404NotFound,
        Cause.Timeout => StatusCodes.Status504GatewayTimeout,

        // What passes: the lane or the replica is gone or new, and another try may find a better one.
        Cause.Unavailable or Cause.LaneLost or Cause.ShuttingDown or Cause.Overloaded or Cause.UnknownCluster or Cause.Version or Cause.Cancelled
            => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };
}
