using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Zilla.Config.Telemetry;

namespace Zilla.Edge.Telemetry;

/// <summary>The tags of what is measured of one binding: namespace, binding, and the attributes of its <c>telemetry</c>.</summary>
public sealed class BindingAttributes
{
    /// <summary>What clients choose may be long; a label need not be.</summary>
    private const int MostCharacters = 128;

    private readonly TagList _fixed;
    private readonly (string Name, AttributeExpression Expression)[] _expressions;

    public BindingAttributes(string @namespace, string binding, BindingTelemetry? telemetry)
    {
        _fixed = new([new("namespace", @namespace), new("binding", binding)]);
        var expressions = new List<(string, AttributeExpression)>();
        foreach (var (name, text) in telemetry?.Attributes ?? new Dictionary<string, string>())
        {
            if (AttributeExpression.Of(text) is { } expression)
            {
                expressions.Add((name, expression));
            }
            else
            {
                _fixed.Add(name, text);
            }
        }

        _expressions = [.. expressions];
    }

    /// <summary>Those that are the same whatever comes.</summary>
    public ref readonly TagList Fixed => ref _fixed;

    /// <summary>Some of them depend on the request or its response.</summary>
    public bool Vary => _expressions.Length > 0;

    /// <summary>Those of a request. One that it does not have is left out.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="path">Of the request, with its query, which is left out: there is no end of queries.</param>
    public TagList Of(HttpContext context, string path)
    {
        var tags = _fixed;
        foreach (var (name, expression) in _expressions)
        {
            if (Value(context, path, expression) is { Length: > 0 } value)
            {
                tags.Add(name, value.Length > MostCharacters ? value[..MostCharacters] : value);
            }
        }

        return tags;
    }

    private static string? Value(HttpContext context, string path, AttributeExpression expression) => expression switch
    {
        { OfResponse: true, Name: "status" } => Status(context.Response.StatusCode),
        { OfResponse: true } => context.Response.Headers[expression.Name],
        { Name: "method" } => context.Request.Method,
        { Name: "path" } => path.IndexOf('?', StringComparison.Ordinal) is var query and >= 0 ? path[..query] : path,
        _ => context.Request.Headers[expression.Name],
    };

    private static string Status(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
