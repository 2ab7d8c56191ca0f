using Microsoft.AspNetCore.Http;
using Zilla.Edge.Calls;
using Zilla.Edge.Http.Guards;

namespace Zilla.Edge.Http;

public static class NoRoute
{
    /// <summary>
    /// Wherever in the graph of bindings a request finds no way on: 404, unless better credentials might find one. Why credentials are not accepted is
    /// for the log alone.
    /// </summary>
    /// <remarks>In HTTP what one may not see is not there. Callers know the method from its .proto file: for them it is theirs or not.</remarks>
    public static Task RejectAsync(Exchange exchange)
    {
        var headers = exchange.Response.Headers;
        switch (exchange.Standing)
        {
            case Standing.Missing:
                headers.WWWAuthenticate = "Bearer";
                return exchange.RejectAsync(StatusCodes.Status401Unauthorized, "This needs credentials.");
            case Standing.Refused:
                headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
                return exchange.RejectAsync(StatusCodes.Status403Forbidden, "The credentials are not accepted.");
            case Standing.Undecided:
                headers.RetryAfter = "1";
                return exchange.RejectAsync(StatusCodes.Status503ServiceUnavailable, "The credentials cannot be checked at present.");
            default:
                return exchange.RejectAsync(StatusCodes.Status404NotFound, $"No route takes {exchange.Request.Method} {exchange.Path}.", Withheld(exchange));
        }
    }

    private static Status? Withheld(Exchange exchange) => exchange switch
    {
        { IsWithheld: false } => null,
        { Grants.All.Count: 0 } => new(StatusCode.Unauthenticated, "This needs credentials."),
        _ => new(StatusCode.PermissionDenied, $"What the client has been granted does not include {exchange.Path}."),
    };
}
