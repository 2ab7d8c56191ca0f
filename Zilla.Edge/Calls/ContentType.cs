namespace Zilla.Edge.Calls;

/// <summary>How the messages of a call are written.</summary>
public enum CallForm
{
    /// <summary>gRPC over HTTP/2: <c>application/grpc</c>.</summary>
    Grpc,

    /// <summary>gRPC-Web: <c>application/grpc-web</c>; the trailers are in the body.</summary>
    Web,

    /// <summary>The same in Base64: <c>application/grpc-web-text</c>.</summary>
    WebText,

    /// <summary><c>application/json</c>: messages as protobuf's JSON.</summary>
    Json,
}

/// <summary>The content types of calls: a form, and <c>+</c> with the format of messages; only protobuf is one here, and what is meant without.</summary>
public static class ContentType
{
    private const string Grpc = "application/grpc", Web = "application/grpc-web", WebText = "application/grpc-web-text", Json = "application/json", Proto = "proto";

    /// <summary>Of a stream of messages in JSON: one on each line.</summary>
    public const string Lines = "application/x-ndjson";

    /// <summary>False: not a call, or of messages that are not protobuf. To be answered 415.</summary>
    public static bool TryParse(string? header, out CallForm form)
    {
        var found = Parse(header, out var format);
        form = found.GetValueOrDefault();
        return found is not null && format.Equals(Proto, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whatever the format of the messages; null: not a call.</summary>
    public static CallForm? FormOf(string? header) => Parse(header, out _);

    /// <summary>Of the response to a call of that form. Server streams in JSON have a type of their own: <see cref="Lines"/>.</summary>
    public static string Of(CallForm form) => form switch
    {
        CallForm.Grpc => Grpc,
        CallForm.Web => Web + "+proto",
        CallForm.WebText => WebText + "+proto",
        _ => Json,
    };

    private static CallForm? Parse(string? header, out ReadOnlySpan<char> format)
    {
        var type = header.AsSpan();
        var parameters = type.IndexOf(';');
        type = (parameters < 0 ? type : type[..parameters]).Trim();
        var plus = type.IndexOf('+');
        format = plus < 0 ? Proto : type[(plus + 1)..];
        type = plus < 0 ? type : type[..plus];
        return type switch
        {
            _ when type.Equals(Grpc, StringComparison.OrdinalIgnoreCase) => CallForm.Grpc,
            _ when type.Equals(Web, StringComparison.OrdinalIgnoreCase) => CallForm.Web,
            _ when type.Equals(WebText, StringComparison.OrdinalIgnoreCase) => CallForm.WebText,
            _ when plus < 0 && type.Equals(Json, StringComparison.OrdinalIgnoreCase) => CallForm.Json,
            _ => null,
        };
    }
}
