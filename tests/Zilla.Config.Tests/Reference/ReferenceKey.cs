using System.Text.RegularExpressions;

namespace Zilla.Config.Tests.Reference;

/// <summary>A key of the page with what its row says of it.</summary>
/// <param name="Path">As written: <c>routes[].when[].path</c>.</param>
/// <param name="Type">As written.</param>
/// <param name="Default">As written, without backticks; empty if there is none.</param>
/// <param name="Note">As written.</param>
internal sealed partial record ReferenceKey(string Path, string Type, string Default, string Note)
{
    public bool IsRequired => Default.StartsWith("required", StringComparison.Ordinal);

    public bool IsSupported => !Note.StartsWith("not supported yet", StringComparison.Ordinal);

    /// <summary>It has one value.</summary>
    public bool IsFixed => Note.EndsWith("nly this", StringComparison.Ordinal) || Note.Contains("Only `", StringComparison.Ordinal);

    /// <summary>The last part, without the brackets of a list.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..].Replace("[]", "", StringComparison.Ordinal);

    /// <summary>The mapping that it stands in; empty for the entry itself.</summary>
    public string Parent => Path.LastIndexOf('.') is var dot && dot > 0 ? Path[..dot] : "";

    /// <summary>All mappings around it, the entry itself included.</summary>
    public IEnumerable<string> Parents => Path.Select((c, index) => (c, index)).Where(at => at.c == '.').Select(at => Path[..at.index]).Prepend("");

    /// <summary>Another key, by its name, with the value that this one needs it to have.</summary>
    public (string Key, string Value)? Needs => With().Match(Note) is { Success: true } match ? (match.Groups["key"].Value, match.Groups["value"].Value) : null;

    /// <summary>The name of another key beside it that has to be there.</summary>
    public string? NeedsToo => With().Match(Note).Groups["other"] is { Success: true } other ? other.Value : null;

    /// <summary>The values that it can have, if the page lists them.</summary>
    public IReadOnlyList<string> Choices => Type.StartsWith('`') ? [.. Quoted().Matches(Type).Select(match => match.Groups[1].Value)] : [];

    /// <summary>The bounds of a number or a time.</summary>
    public (string From, string To) Bounds => Range().Match(Type) is var match ? (match.Groups[1].Value, match.Groups[2].Value) : default;

    /// <summary>One for each key that the first cell of a row names.</summary>
    public static IEnumerable<ReferenceKey> Of(string row)
    {
        var cells = row[1..^1].Split('|', StringSplitOptions.TrimEntries);
        return Quoted().Matches(cells[0]).Select(match => new ReferenceKey(match.Groups[1].Value, cells[1], cells[2].Trim('`'), cells[3]));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("^With `(?<key>[a-z-]+): (?<value>[A-Za-z-]+)`( and `(?<other>[a-z-]+)`)?")]
    private static partial Regex With();

    [GeneratedRegex("`([^`…]+)…([^`]+)`")]
    private static partial Regex Range();
}
