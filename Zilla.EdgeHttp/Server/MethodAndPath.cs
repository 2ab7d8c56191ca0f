using Zilla.Config.Bindings;
using Zilla.Edge.Http;
using Zilla.Edge.Routing;

namespace Zilla.EdgeHttp.Server;

/// <summary>A condition of a mapping's route; null matches all.</summary>
internal sealed record MethodAndPath(string? Method, PathPattern? Path)
{
    /// <exception cref="FormatException">The path pattern is malformed.</exception>
    public static IReadOnlyList<MethodAndPath> Compile(IReadOnlyList<HttpKafkaCondition> conditions) =>
        [.. conditions.Select(c => new MethodAndPath(c.Method, c.Path is { } path ? PathPattern.Compile(path) : null))];

    /// <summary>What any of the conditions may bind.</summary>
    public static IReadOnlyCollection<string> Names(IReadOnlyList<MethodAndPath> conditions) => conditions.SelectMany(c => c.Path?.Names ?? []).ToHashSet();

    /// <summary>The first condition that matches decides what is bound; none given = always.</summary>
    public static bool TryMatch(IReadOnlyList<MethodAndPath> conditions, Exchange exchange, string path, out PathParameters parameters)
    {
        var method = exchange.Request.Method;
        parameters = PathParameters.None;
        foreach (var condition in conditions)
        {
            if ((condition.Method is null || condition.Method == method) && (condition.Path is null || condition.Path.TryMatch(path, out parameters)))
            {
                exchange.TakenBy(condition.Path?.Text);
                return true;
            }
        }

        return conditions.Count == 0;
    }
}
