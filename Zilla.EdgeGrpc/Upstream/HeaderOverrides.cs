using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Routing;

namespace Zilla.EdgeGrpc.Upstream;

/// <summary>
/// Headers that calls go on with in place of those that they have by these names (reference §2.4), compiled: those of a route go before those of the http client. Equal if they say the same, so that plans
/// that have them in common have their connections in common.
/// </summary>
internal sealed class HeaderOverrides : IEquatable<HeaderOverrides>
{
    private const string Path = ":path", Authority = ":authority";

    /// <summary>Of the http client: as they stand there, they may be secrets.</summary>
    private readonly Dictionary<string, string> _fixed = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Of the route.</summary>
    private readonly Dictionary<string, Template> _templates = new(StringComparer.OrdinalIgnoreCase);

    private readonly PathPattern? _pattern;
    private readonly string _text;

    private HeaderOverrides(IReadOnlyDictionary<string, string>? client, IReadOnlyDictionary<string, string>? route, string? pattern)
    {
        _pattern = pattern is null ? null : PathPattern.CompileHttpPath(pattern);
        var text = new StringBuilder();
        foreach (var (name, value) in client ?? new Dictionary<string, string>())
        {
            text.Append(name).Append(' ').Append(value).Append('\n');
            _fixed[name] = value;
        }

        text.Append(pattern).Append('\n');
        foreach (var (name, value) in route ?? new Dictionary<string, string>())
        {
            text.Append(name).Append(' ').Append(value).Append('\n');
            _fixed.Remove(name);
            _templates[name] = Template.Compile(value, _pattern?.Names ?? []);
        }

        _text = text.ToString();
    }

    public static HeaderOverrides None { get; } = new(null, null, null);

    /// <summary>Whom calls are addressed to; null: as without overrides. A rule has it that there are no expressions in it.</summary>
    public string? AuthorityText => _templates.TryGetValue(Authority, out var template) ? template.Text : _fixed.GetValueOrDefault(Authority);

    /// <param name="http">The http client.</param>
    /// <param name="route">The route that takes a call; null: its exit does.</param>
    /// <param name="condition">That of the route which the call meets: it binds what the route's expressions stand for.</param>
    /// <exception cref="FormatException">An expression is not known.</exception>
    public static HeaderOverrides Compile(HttpClientBinding http, HttpRoute? route = null, HttpCondition? condition = null) => http.Overrides is null && route?.Overrides is null ? None
        : new(http.Overrides, route?.Overrides, route?.Overrides is null ? null : condition?.Headers.GetValueOrDefault(Path));

    /// <summary>Whether headers of this name are replaced.</summary>
    public bool Has(string name) => _fixed.ContainsKey(name) || _templates.ContainsKey(name);

    /// <summary>Where a call goes.</summary>
    /// <param name="path">Where its client sent it.</param>
    public string PathOf(string path) => _templates.TryGetValue(Path, out var template) ? template.Render(ParametersOf(path)) : _fixed.GetValueOrDefault(Path, path);

    /// <summary>The headers with their values. Pseudo headers are not among them: the method and the scheme of a call can be no others, as a rule has it.</summary>
    /// <param name="path">Of the call, as its client sent it.</param>
    public IEnumerable<KeyValuePair<string, string>> HeadersOf(string path)
    {
        foreach (var header in _fixed)
        {
            if (!header.Key.StartsWith(':'))
            {
                yield return header;
            }
        }

        var parameters = _templates.Count == 0 ? PathParameters.None : ParametersOf(path);
        foreach (var (name, template) in _templates)
        {
            if (!name.StartsWith(':'))
            {
                yield return new(name, template.Render(parameters));
            }
        }
    }

    public bool Equals(HeaderOverrides? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as HeaderOverrides);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Says nothing secret: records are logged whole.</summary>
    public override string ToString() => $"{_fixed.Count + _templates.Count} overrides";

    private PathParameters ParametersOf(string path) => _pattern is not null && _pattern.TryMatch(path, out var parameters) ? parameters : PathParameters.None;
}
