using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Zilla.Edge.Calls;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>How a call to a service ended, by what came of it.</summary>
internal static class UpstreamStatus
{
    private const string GrpcStatus = "grpc-status", GrpcMessage = "grpc-message";

    /// <summary>Null: the response goes on. Else the head is all there is ("Trailers-Only"), or what answers does not speak gRPC.</summary>
    public static Status? OfHead(HttpResponseMessage response)
    {
        if (Header(response.Headers, GrpcStatus) is not null)
        {
            return OfTrailers(response.Headers);
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new(Of(response.StatusCode), $"The service answered with HTTP status {(int)response.StatusCode}.");
        }

        var type = response.Content.Headers.ContentType?.MediaType ?? "";
        return type == "application/grpc" || type.StartsWith("application/grpc+", StringComparison.Ordinal) ? null
            : new(StatusCode.Unknown, $"The service answered with content of type '{type}', which is not gRPC's.");
    }

    public static Status OfTrailers(HttpHeaders trailers)
    {
        var message = StatusMessage.Decode(Header(trailers, GrpcMessage) ?? "");
        return Header(trailers, GrpcStatus) is not { } text ? new(StatusCode.Unknown, "The service ended its answer without a status.")
            : byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? new((StatusCode)code, message)
            : new(StatusCode.Unknown, $"The service's status is none: {text}");
    }

    /// <summary>What the service says beside its messages is too much: null, it is not.</summary>
    public static Status? OfSize(HttpHeaders headers) =>
        UpstreamLimits.ByteCount(headers) > UpstreamLimits.MostAnswered ? new(StatusCode.ResourceExhausted, $"The service answered with more than {UpstreamLimits.MostAnswered} bytes of headers or trailers.") : null;

    /// <summary>
    /// Whether the connection was given up since an answer on it has more headers, or trailers, than a connection takes. Every call on it fails so, whoever's answer it was. .NET says it in one of two ways: all of
    /// them together are too large, or one of them is, which only a type tells that is not public.
    /// </summary>
    public static bool IsOverflow(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } || e.GetType().Name == "HPackDecodingException")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The service has said that it takes no such head; nothing was sent. .NET has no code for it, and words alone tell it from a connection that is shut down just then.</summary>
    private static bool IsRefusedHead(Exception failure) =>
        failure is HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: null } && failure.Message.Contains("request headers length", StringComparison.Ordinal);

    /// <summary>Whether that is about the way to the service, or about what came over it.</summary>
    public static bool IsFailure(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or AuthenticationException or ObjectDisposedException or InvalidOperationException;

    /// <summary>By the codes of HTTP/2 where the service gave one (gRPC over HTTP/2, "Errors"); else the way to it is not there, or has broken.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="target">Whom it was said to.</param>
    /// <param name="isAlone">The call has a connection of its own: what breaks that is its doing.</param>
    public static Status Of(Exception failure, UpstreamTarget target, bool isAlone)
    {
        const long NoError = 0, ProtocolError = 1, InternalError = 2, FlowControlError = 3, SettingsTimeout = 4, FrameSizeError = 6, RefusedStream = 7, Cancel = 8, CompressionError = 9, EnhanceYourCalm = 11, InadequateSecurity = 12;
        if (IsRefusedHead(failure))
        {
            return new(StatusCode.ResourceExhausted, $"The call has more metadata than the service takes: {failure.Message}");
        }

        if (isAlone && IsOverflow(failure))
        {
            return new(StatusCode.ResourceExhausted, $"The service answered with more headers or trailers than are taken: {failure.GetBaseException().Message}");
        }

        var innermost = failure;
        for (var e = failure; e is not null; e = e.InnerException)
        {
            innermost = e;
            if (e is HttpProtocolException protocol && failure is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
            {
                StatusCode? code = protocol.ErrorCode switch
                {
                    NoError or ProtocolError or InternalError or FlowControlError or SettingsTimeout or FrameSizeError or CompressionError => StatusCode.Internal,
                    RefusedStream => StatusCode.Unavailable,
                    Cancel => StatusCode.Cancelled,
                    EnhanceYourCalm => StatusCode.ResourceExhausted,
                    InadequateSecurity => StatusCode.PermissionDenied,
                    _ => null,
                };
                if (code is { } known)
                {
                    return new(known, $"The service broke the call off: {protocol.Message}");
                }
            }
        }

        return new(StatusCode.Unavailable, $"The service {target.Host}:{target.Port} cannot be reached: {innermost.Message}");
    }

    /// <summary>The first value, if there is any.</summary>
    public static string? Header(HttpHeaders headers, string name)
    {
        if (headers.NonValidated.TryGetValues(name, out var values))
        {
            foreach (var value in values)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>gRPC's "HTTP to gRPC Status Code Mapping".</summary>
    private static StatusCode Of(HttpStatusCode http) => http switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
