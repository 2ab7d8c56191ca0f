using System.Text.RegularExpressions;

namespace Zilla.Config.Loading;

/// <summary>Reference §1.1: the one pattern of the namespace and of every named entry.</summary>
internal static partial class NameRules
{
    public static bool IsName(string text) => text.Length <= 256 && Pattern().IsMatch(text);

    public static string Broken(string described) => $"{described} is no name: letters first, then letters, digits, '.', '_' and '-'";

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
