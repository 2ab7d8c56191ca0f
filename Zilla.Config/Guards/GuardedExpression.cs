using System.Text.RegularExpressions;

namespace Zilla.Config.Guards;

/// <summary><c>${guarded['g'].identity}</c> or <c>${guarded['g'].attributes.a}</c> (reference §1.2).</summary>
/// <param name="Guard">Name of the guard.</param>
/// <param name="Attribute">Null: the identity.</param>
public sealed partial record GuardedExpression(string Guard, string? Attribute)
{
    /// <summary>All in a text, in order.</summary>
    public static IEnumerable<GuardedExpression> In(string text) => Pattern().Matches(text).Select(Of);

    /// <summary>Null if what stands inside a <c>${…}</c> is neither.</summary>
    public static GuardedExpression? TryParse(string inside) =>
        Pattern().Match($"${{{inside}}}") is { Success: true, Index: 0 } match && match.Length == inside.Length + "${}".Length ? Of(match) : null;

    private static GuardedExpression Of(Match match) =>
        new(match.Groups["guard"].Value, match.Groups["attribute"] is { Success: true } attribute ? attribute.Value : null);

    [GeneratedRegex(@"\$\{guarded\['(?<guard>[^']+)'\]\.(identity|attributes\.(?<attribute>[a-zA-Z][a-zA-Z0-9._-]*))\}", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
