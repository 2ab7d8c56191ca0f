using Microsoft.AspNetCore.Http;

namespace Zilla.Edge.Calls;

/// <summary>Ends a call before there is anything of an answer: with the headers alone ("Trailers-Only"), which gRPC-Web takes as well.</summary>
/// <remarks><code>
/// 200 │ content-type: application/grpc │ grpc-status: 8 │ grpc-message: More requests come from this address than are served.
/// </code></remarks>
public static class CallRejection
{
    /// <param name="context">The request. Headers that its response has already go along.</param>
    /// <param name="form">What it is read as; not JSON.</param>
    /// <param name="status">Not OK.</param>
    public static Task EndAsync(HttpContext context, CallForm form, Status status)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType.Of(form);
        response.ContentLength = null;
        foreach (var (name, value) in status.Fields)
        {
            response.Headers[name] = value;
        }

        ExposedHeaders.Add(response);
        return response.CompleteAsync();
    }
}
