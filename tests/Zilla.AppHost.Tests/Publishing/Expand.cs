using System.Text.RegularExpressions;

namespace Zilla.AppHost.Tests.Publishing;

/// <summary>Does with values what Kubernetes and compose do.</summary>
internal static partial class Expand
{
    /// <summary>The variables that <c>$(NAME)</c> refers to.</summary>
    public static IEnumerable<string> References(string value) => Kubernetes().Matches(value).Select(match => match.Groups[1].Value);

    /// <summary><c>$(NAME)</c>.</summary>
    public static string InPod(string value, IReadOnlyDictionary<string, string> variables) =>
        Kubernetes().Replace(value, match => variables[match.Groups[1].Value]).Replace("$$(", "$(", StringComparison.Ordinal);

    /// <summary><c>${NAME:-default}</c> and <c>${NAME:?reason}</c>.</summary>
    public static string InCompose(string value, IReadOnlyDictionary<string, string> variables) =>
        Compose().Replace(value, match => variables.TryGetValue(match.Groups[1].Value, out var set) ? set
            : match.Groups[2].Value == ":-" ? match.Groups[3].Value
            : throw new InvalidOperationException(match.Value)).Replace("$$", "$", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_]*)\)")]
    private static partial Regex Kubernetes();

    [GeneratedRegex(@"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)(:-|:\?)([^}]*)\}")]
    private static partial Regex Compose();
}
