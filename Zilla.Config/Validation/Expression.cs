namespace Zilla.Config.Validation;

/// <summary>Finds the expressions of reference §1.2 in a text.</summary>
internal static class Expression
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
}
