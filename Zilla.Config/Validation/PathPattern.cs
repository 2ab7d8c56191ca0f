namespace Zilla.Config.Validation;

/// <summary>A path as <c>when</c> has it (reference §1.2): <c>*</c> stands for anything, <c>{name}</c> binds <c>${params.name}</c>.</summary>
internal static class PathPattern
{
    private const int Longest = 4096;

    /// <summary>The names it binds; <paramref name="problem"/> says why it is none, else it is null.</summary>
    public static IReadOnlyList<string> Parameters(string pattern, out string? problem)
    {
        var names = new List<string>();
        problem = pattern.Length > Longest ? $"a path has at most {Longest} characters" : null;
        for (var open = pattern.IndexOf('{', StringComparison.Ordinal); open >= 0 && problem is null;)
        {
            var close = pattern.IndexOf('}', open);
            var name = close < 0 ? "" : pattern[(open + 1)..close];
            problem = close < 0 ? "'{' without '}'"
                : !IsName(name) ? $"'{{{name}}}' is no parameter: letters, digits, '_' and '-' only"
                : names.Contains(name) ? $"'{{{name}}}' is bound twice"
                : null;
            names.Add(name);
            open = close < 0 ? -1 : pattern.IndexOf('{', close);
        }

        return names;
    }

    public static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
