namespace Zilla.Config.Telemetry;

/// <summary>The metrics of reference §3.5.</summary>
public static class MetricNames
{
    private static readonly string[] Directions = ["received", "sent"];

    public static IReadOnlyList<string> All { get; } =
    [
        .. from name in (string[])["opens", "closes", "data", "errors", "active"] from direction in Directions select $"stream.{name}.{direction}",
        "http.request.size", "http.response.size", "http.duration", "http.active.requests",
        "grpc.request.size", "grpc.response.size", "grpc.duration", "grpc.active.requests", "grpc.requests.per.rpc", "grpc.responses.per.rpc",
        .. from name in (string[])["initialize", "tools.list", "tools.call", "resources.list", "resources.read", "prompts.list", "prompts.get"]
           from suffix in (string[])["", ".duration"]
           select $"mcp.{name}{suffix}",
        "engine.workers.utilization", "engine.workers.count", "engine.workers.capacity",
    ];

    /// <summary>What stands for all metrics of one group.</summary>
    public static IReadOnlyList<string> Groups { get; } = [.. All.Select(name => name[..name.IndexOf('.', StringComparison.Ordinal)] + ".*").Distinct()];

    /// <summary>The names that <paramref name="pattern"/>, a name or one with <c>*</c> for any letters, stands for; none if there are none.</summary>
    public static IReadOnlyList<string> Matching(string pattern)
    {
        if (!pattern.Contains('*', StringComparison.Ordinal))
        {
            return All.Contains(pattern) ? [pattern] : [];
        }

        return [.. All.Where(name => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))];
    }
}
