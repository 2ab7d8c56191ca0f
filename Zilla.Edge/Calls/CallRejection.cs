using System.Globalization;
using Microsoft.AspNetCore.Http;
using Zilla.Edge.Http.Problems;
using Zilla.Streams;

namespace Zilla.Edge.Calls;

/// <summary>What an http server refuses: to gRPC's clients a status of gRPC's, to others of HTTP's.</summary>
public sealed class CallRejection : IRejection
{
    private readonly IRejection _http = new Problem.Rejection();

    public Task RejectAsync(HttpContext context, int status, string detail) =>
        FormOf(context) is { } form ? EndAsync(context, form, new(StatusTable.Of(status), detail)) : _http.RejectAsync(context, status, detail);

    public Task RejectAsync(HttpContext context, StreamBrokenException broken) =>
        FormOf(context) is { } form ? EndAsync(context, form, new(StatusTable.Of(broken.Cause), broken.Message)) : _http.RejectAsync(context, broken);

    /// <summary>The headers alone, which gRPC-Web takes as well ("Trailers-Only").</summary>
    private static Task EndAsync(HttpContext context, CallForm form, Status status)
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
        response.Headers["grpc-status"] = ((int)status.Code).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = StatusMessage.Encode(status.Message);
        ExposedHeaders.Add(response);
        return response.CompleteAsync();
    }

    private static CallForm? FormOf(HttpContext context) => ContentType.TryParse(context.Request.ContentType, out var form) && form != CallForm.Json ? form : null;
}
