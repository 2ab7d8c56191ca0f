using Zilla.Config.Yaml;

namespace Zilla.Config.Loading;

/// <summary>Where secrets stand in the text, so that it can be shown without them.</summary>
internal sealed class SecretPlaces
{
    /// <summary>What is shown in place of a secret.</summary>
    public const string Shown = "***";

    private const string Mask = $"'{Shown}'";

    private readonly HashSet<(int From, int To)> _places = [];

    /// <summary>References, such as <c>${{env.PASSWORD}}</c> and <c>{credentials}</c>, say where a secret is, not what it is: they may be shown.</summary>
    public void Add(YamlScalar scalar)
    {
        var reference = scalar.Raw is "{credentials}"
            || (scalar.Raw.StartsWith("${{", StringComparison.Ordinal) && scalar.Raw.IndexOf("}}", StringComparison.Ordinal) == scalar.Raw.Length - 2);
        if (!reference && !scalar.IsNull)
        {
            _places.Add((scalar.From, scalar.To));
        }
    }

    /// <summary>The text with a mask in each place.</summary>
    public string Hide(string text)
    {
        foreach (var (from, to) in _places.OrderByDescending(place => place.From))
        {
            // A block scalar ends behind its line.
            var end = to > from && text[to - 1] == '\n' ? "\n" : "";
            text = string.Concat(text.AsSpan(0, from), Mask, end, text.AsSpan(to));
        }

        return text;
    }
}
