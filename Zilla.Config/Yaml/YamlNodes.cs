namespace Zilla.Config.Yaml;

/// <summary>A place in the text; both count from 1.</summary>
internal readonly record struct YamlMark(int Line, int Column);

/// <summary>A node of the document, as it stands in the text.</summary>
internal abstract record YamlNode(YamlMark Start)
{
    /// <summary>For messages: "a mapping".</summary>
    public abstract string Describe { get; }
}

/// <param name="Start">Of its first character, a quote included.</param>
/// <param name="Raw">As written, and all that messages may quote: <paramref name="Text"/> may hold a secret from the environment.</param>
/// <param name="Text">With <c>${{env.…}}</c> replaced.</param>
/// <param name="IsNull">Written as nothing at all, <c>~</c> or <c>null</c>.</param>
internal sealed record YamlScalar(YamlMark Start, string Raw, string Text, bool IsNull) : YamlNode(Start)
{
    /// <summary>Where it begins in the text, in characters, quotes included.</summary>
    public int From { get; init; }

    /// <summary>Where it ends, exclusive.</summary>
    public int To { get; init; }

    public override string Describe => IsNull ? "nothing" : $"'{(Raw.Length <= 80 ? Raw : Raw[..80] + "…")}'";
}

internal sealed record YamlSequence(YamlMark Start, IReadOnlyList<YamlNode> Items) : YamlNode(Start)
{
    public override string Describe => "a list";
}

internal sealed record YamlMapping(YamlMark Start, IReadOnlyList<YamlEntry> Entries) : YamlNode(Start)
{
    private readonly Dictionary<string, YamlEntry> _byKey = Entries.ToDictionary(entry => entry.Key.Text, StringComparer.Ordinal);

    public override string Describe => "a mapping";

    public YamlEntry? Find(string key) => _byKey.GetValueOrDefault(key);
}

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
