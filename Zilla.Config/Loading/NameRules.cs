using System.Text.RegularExpressions;

namespace Zilla.Config.Loading;

/// <summary>Reference §1.1: the one pattern of the namespace and of every named entry; and what names a host.</summary>
internal static partial class NameRules
{
    /// <summary><c>host</c> or <c>host:port</c>, and nothing else of a URL.</summary>
    public static bool IsAuthority(string text) => Uri.TryCreate($"http://{text}/", UriKind.Absolute, out var url) && url is { UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" };

    public static bool IsName(string text) => text.Length <= 256 && Pattern().IsMatch(text);

    public static string Broken(string described) => $"{described} is no name: letters first, then letters, digits, '.', '_' and '-'";

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
