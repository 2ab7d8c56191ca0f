namespace Zilla.Edge.Routing;

/// <summary>The topic of a route; a client may choose a part of it, so the result is checked.</summary>
public sealed class TopicTemplate
{
    /// <summary>Kafka's limit.</summary>
    private const int MaxLength = 249;

    private readonly Template _template;
    private readonly string? _literal;

    private TopicTemplate(Template template)
    {
        _template = template;
        IsLiteral = template.IsLiteral;
        _literal = IsLiteral ? Checked(template.Render(PathParameters.None)) : null;
    }

    /// <summary>It is the same topic always.</summary>
    public bool IsLiteral { get; }

    /// <exception cref="FormatException">An expression is unknown or names a parameter that is not bound.</exception>
    public static TopicTemplate Compile(string text, IReadOnlyCollection<string> parameters) => new(Template.Compile(text, parameters));

    /// <summary>Null when Kafka cannot have a topic of that name.</summary>
    public string? Render(PathParameters parameters) => IsLiteral ? _literal : Checked(_template.Render(parameters));

    private static string? Checked(string topic) =>
        topic is { Length: > 0 and <= MaxLength } and not "." and not ".." && topic.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? topic : null;
}
