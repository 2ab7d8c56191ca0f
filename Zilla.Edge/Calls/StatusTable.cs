using Microsoft.AspNetCore.Http;
using Zilla.Streams.V1;

namespace Zilla.Edge.Calls;

/// <summary>The one table from what broke a stream to how a call ends; and from HTTP's status to gRPC's (gRPC's "HTTP to gRPC Status Code Mapping", and what says more).</summary>
public static class StatusTable
{
    public static StatusCode Of(Cause cause) => cause switch
    {
        Cause.InvalidRecord => StatusCode.InvalidArgument,
        Cause.NotAuthorized => StatusCode.PermissionDenied,
        Cause.UnknownTopic => StatusCode.NotFound,
        Cause.Timeout => StatusCode.DeadlineExceeded,
        Cause.Overloaded => StatusCode.ResourceExhausted,
        Cause.Cancelled => StatusCode.Cancelled,
        Cause.Unavailable or Cause.LaneLost or Cause.ShuttingDown or Cause.UnknownCluster or Cause.Version => StatusCode.Unavailable,
        _ => StatusCode.Internal,
    };

    public static StatusCode Of(int http) => http switch
    {
        StatusCodes.Status401Unauthorized => StatusCode.Unauthenticated,
        StatusCodes.Status403Forbidden => StatusCode.PermissionDenied,
        StatusCodes.Status404NotFound => StatusCode.Unimplemented,
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status414UriTooLong or StatusCodes.Status429TooManyRequests or StatusCodes.Status431RequestHeaderFieldsTooLarge => StatusCode.ResourceExhausted,
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable => StatusCode.Unavailable,
        StatusCodes.Status408RequestTimeout or StatusCodes.Status504GatewayTimeout => StatusCode.DeadlineExceeded,
        StatusCodes.Status400BadRequest => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };

    /// <summary>For calls in JSON (the mapping of Google's API design guide).</summary>
    public static int ToHttp(StatusCode code) => code switch
    {
        StatusCode.Ok => StatusCodes.Status200OK,
        StatusCode.Cancelled => StatusCodes.Status499ClientClosedRequest,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => StatusCodes.Status400BadRequest,
        StatusCode.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        StatusCode.NotFound => StatusCodes.Status404NotFound,
        StatusCode.AlreadyExists or StatusCode.Aborted => StatusCodes.Status409Conflict,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        StatusCode.Unimplemented => StatusCodes.Status501NotImplemented,
        StatusCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        _ => StatusCodes.Status500InternalServerError,
    };
}
