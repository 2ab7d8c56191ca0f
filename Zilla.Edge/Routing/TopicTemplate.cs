namespace Zilla.Edge.Routing;

/// <summary>The topic of a route; a client may choose a part of it, so the result is checked.</summary>
public sealed class TopicTemplate
{
    /// <summary>Kafka's limit.</summary>
    private const int MaxLength = 249;

    private readonly Template _template;

    private TopicTemplate(Template template) => _template = template;

    /// <exception cref="FormatException">An expression is unknown or names a parameter that is not bound.</exception>
    public static TopicTemplate Compile(string text, IReadOnlyCollection<string> parameters) => new(Template.Compile(text, parameters));

    /// <summary>Null when Kafka cannot have a topic of that name.</summary>
    public string? Render(PathParameters parameters)
    {
        var topic = _template.Render(parameters);
        return topic is { Length: > 0 and <= MaxLength } and not "." and not ".." && topic.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? topic
            : null;
    }
}
