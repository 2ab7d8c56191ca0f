using Zilla.Edge.Routing;

namespace Zilla.EdgeHttp.HttpKafka.Correlated;

/// <summary>
/// A header of <c>async</c>, e.g. <c>/items/${params.id};cid=${correlationId}</c>. The id stands percent-encoded in it, since a part of it is the
/// client's choice; an id that is a UUID and a digest looks the same either way.
/// </summary>
internal sealed class CorrelationTemplate
{
    private const string Id = "${correlationId}";

    /// <summary>What stands before, between and behind the ids.</summary>
    private readonly Template[] _around;

    private CorrelationTemplate(Template[] around) => _around = around;

    /// <exception cref="FormatException">An expression is unknown or names a parameter that is not bound.</exception>
    public static CorrelationTemplate Compile(string text, IReadOnlyCollection<string> parameters) =>
        new([.. text.Split(Id).Select(part => Template.Compile(part, parameters))]);

    public string Render(PathParameters parameters, string correlationId) =>
        string.Join(Uri.EscapeDataString(correlationId), _around.Select(part => part.Render(parameters.Escaped())));

    /// <summary>The id in a path that this template would give for it; null when it would not.</summary>
    public string? FindId(string path, PathParameters parameters)
    {
        if (_around is not [var before, var behind])
        {
            return null;
        }

        var (start, end) = (before.Render(parameters.Escaped()), behind.Render(parameters.Escaped()));
        return path.Length > start.Length + end.Length && path.StartsWith(start, StringComparison.Ordinal) && path.EndsWith(end, StringComparison.Ordinal)
            ? Uri.UnescapeDataString(path[start.Length..^end.Length])
            : null;
    }
}
