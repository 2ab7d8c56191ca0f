using Microsoft.AspNetCore.Http;
using Zilla.Edge.Calls;
using Zilla.Streams;

namespace Zilla.Edge.Http.Problems;

/// <summary>
/// Tells a client that its request is not served, in the words of its protocol, whichever edge it has come to: a call of gRPC or gRPC-Web ends with a status of gRPC's, all else is a
/// <see cref="Problem"/>. Once the response has begun all that is left is to break it off.
/// </summary>
public static class Rejection
{
    /// <param name="context">The request. Headers of the response that go with the status, such as Retry-After, are set.</param>
    /// <param name="status">Of HTTP, 400 to 599.</param>
    /// <param name="detail">The cause, for the client.</param>
    /// <param name="call">How a call ends, where that is not what <see cref="StatusTable"/> makes of it.</param>
    public static Task RejectAsync(HttpContext context, int status, string detail, Status? call = null) =>
        CallOf(context.Request, status) is { } form ? CallRejection.EndAsync(context, form, call ?? new(StatusTable.Of(status), detail)) : Problem.RejectAsync(context, status, detail);

    /// <summary>The cache has broken or refused what the request needed.</summary>
    public static Task RejectAsync(HttpContext context, StreamBrokenException broken) =>
        CallOf(context.Request, 0) is { } form ? CallRejection.EndAsync(context, form, new(StatusTable.Of(broken.Cause), broken.Message)) : Problem.RejectAsync(context, broken);

    /// <summary>Null: nobody looks for a status of gRPC's there. That is so of another method than POST and of gRPC over HTTP/1.1, and where the type of the body is what is refused.</summary>
    private static CallForm? CallOf(HttpRequest request, int status) =>
        status != StatusCodes.Status415UnsupportedMediaType
        && HttpMethods.IsPost(request.Method)
        && ContentType.FormOf(request.ContentType) is { } form and not CallForm.Json
        && (form != CallForm.Grpc || HttpProtocol.IsHttp2(request.Protocol)) ? form : null;
}
