using System.Text.RegularExpressions;

namespace Zilla.Config.Validation;

/// <summary>Finds the expressions of reference §1.2 in a text.</summary>
internal static partial class Expression
{
    /// <summary>What stands inside each <c>${…}</c>; null for one that is never closed.</summary>
    public static IEnumerable<string?> In(string text)
    {
        for (var open = text.IndexOf("${", StringComparison.Ordinal); open >= 0;)
        {
            var close = text.IndexOf('}', open);
            yield return close < 0 ? null : text[(open + 2)..close];
            open = close < 0 ? -1 : text.IndexOf("${", close, StringComparison.Ordinal);
        }
    }

    /// <summary>The guard of <c>guarded['g'].identity</c> or <c>guarded['g'].attributes.a</c>; null if it is neither.</summary>
    public static string? GuardOf(string expression) => Guarded().Match(expression) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^guarded\['([^']+)'\]\.(identity|attributes\.[a-zA-Z][a-zA-Z0-9._-]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Guarded();
}
