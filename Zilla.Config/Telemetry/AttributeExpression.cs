namespace Zilla.Config.Telemetry;

/// <summary>
/// What an attribute of a binding's metrics may stand for (reference §1.1): <c>${http.request.method}</c>, <c>${http.request.path}</c>, <c>${http.response.status}</c>, or a
/// header of either by its name. An expression is the whole value.
/// </summary>
/// <param name="OfResponse">Else of the request.</param>
/// <param name="Name">Of what is asked for: <c>method</c>, <c>path</c>, <c>status</c>, or a header.</param>
public sealed record AttributeExpression(bool OfResponse, string Name)
{
    private const string Request = "${http.request.";
    private const string Response = "${http.response.";

    /// <summary>Null: the text is none.</summary>
    public static AttributeExpression? Of(string text)
    {
        var start = text.StartsWith(Request, StringComparison.Ordinal) ? Request : text.StartsWith(Response, StringComparison.Ordinal) ? Response : null;
        return start is not null && text.EndsWith('}') && text[start.Length..^1] is { Length: > 0 } name && name.IndexOfAny(['{', '}', '$']) < 0
            ? new(start == Response, name)
            : null;
    }
}
