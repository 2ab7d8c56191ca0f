using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Zilla.Edge.Calls;
using Zilla.Streams;

namespace Zilla.Edge.Http.Problems;

/// <summary>
/// Answers a request that cannot be served (RFC 9457):
/// <code>{"title":"Not Found","status":404,"detail":"No route takes GET /x.","traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}</code>
/// </summary>
public static class Problem
{
    public const string ContentType = "application/problem+json";

    private const int DefaultRetryAfterSeconds = 1;

    public static byte[] ToJson(int status, string detail, string traceId)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body, ReadableJson.Options);
        json.WriteStartObject();
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status", status);
        json.WriteString("detail", detail);
        json.WriteString("traceId", traceId);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenSpan.ToArray();
    }

    public static async Task RejectAsync(HttpContext context, int status, string detail)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }

        // Whoever failed may have announced another body already.
        var body = ToJson(status, detail, RequestTrace.IdOf(context));
        response.ContentLength = body.Length;
        response.StatusCode = status;
        response.ContentType = ContentType;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    public static Task RejectAsync(HttpContext context, StreamBrokenException broken)
    {
        var status = CauseStatus.Of(broken.Cause);
        if (status == StatusCodes.Status503ServiceUnavailable && !context.Response.HasStarted)
        {
            var seconds = Math.Max(DefaultRetryAfterSeconds, (long)Math.Ceiling(broken.RetryAfter.TotalSeconds));
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return RejectAsync(context, status, broken.Message);
    }
}
