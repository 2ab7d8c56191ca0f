using System.Globalization;
using Zilla.Config.Yaml;

namespace Zilla.Config.Loading;

/// <summary>
/// Takes values out of a mapping one key after the other and reports what does not fit; <see cref="Finish"/> reports the keys nobody asked
/// for. What is wrong or missing gets a harmless stand-in (empty text, 0), so that reading goes on and finds the other mistakes.
/// </summary>
internal sealed class MappingReader(YamlMapping node, ConfigurationPath path, Findings findings)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public ConfigurationPath Path => path;

    public Findings Findings => findings;

    public IEnumerable<string> Keys => node.Entries.Select(entry => entry.Key.Text);

    /// <summary>The value of <paramref name="key"/>, whatever it is; null if it is absent or written as nothing.</summary>
    public YamlNode? Take(string key)
    {
        _known.Add(key);
        return node.Find(key)?.Value is var value && value is YamlScalar { IsNull: true } ? null : value;
    }

    public string? Text(string key) => Take(key) is { } value ? AsText(value, path / key) : null;

    public string RequiredText(string key)
    {
        var value = Take(key);
        if (value is null)
        {
            findings.Report(path, $"'{key}' is missing");
        }

        return value is null ? "" : AsText(value, path / key) ?? "";
    }

    /// <summary>As <see cref="Text"/>; the text of the file is not shown with it.</summary>
    public string? Secret(string key)
    {
        if (Take(key) is YamlScalar secret)
        {
            findings.Secrets.Add(secret);
            if (secret.Text == SecretPlaces.Shown)
            {
                findings.Report(secret.Start, path / key, $"'{SecretPlaces.Shown}' stands for a secret that is not shown, and is none");
            }
        }

        return Text(key);
    }

    /// <inheritdoc cref="Secret"/>
    public string RequiredSecret(string key)
    {
        _ = Secret(key);
        return RequiredText(key);
    }

    public int? Number(string key, int min, int max) =>
        Take(key) is { } value && AsText(value, path / key) is not null ? AsNumber(value, path / key, min, max) : null;

    public bool? Flag(string key) => Choice(key, ("true", true), ("false", false));

    /// <summary>Null if absent or not among the <paramref name="choices"/>.</summary>
    public T? Choice<T>(string key, params (string Name, T Value)[] choices)
        where T : struct
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        foreach (var (name, value) in choices)
        {
            if (name == text)
            {
                return value;
            }
        }

        findings.Report(path / key, $"{Take(key)!.Describe} is none of {string.Join(", ", choices.Select(choice => choice.Name))}"
            + findings.Suggest(text, choices.Select(choice => choice.Name)));
        return null;
    }

    public MappingReader? Mapping(string key) => Take(key) is { } value ? AsMapping(value, path / key) : null;

    /// <summary>The entries of a section of the file, which are mappings with a name that fits the pattern.</summary>
    public IEnumerable<(string Name, MappingReader Body)> NamedEntries(string section)
    {
        if (Mapping(section) is not { } entries)
        {
            yield break;
        }

        foreach (var name in entries.Keys)
        {
            if (!NameRules.IsName(name))
            {
                entries.ReportKey(name, NameRules.Broken($"'{name}'"));
            }

            if (entries.Mapping(name) is { } body)
            {
                yield return (name, body);
            }
            else if (entries.Take(name) is null)
            {
                entries.ReportKey(name, "'type' is missing");
            }
        }
    }

    /// <summary>A list of texts; none if absent.</summary>
    public IReadOnlyList<string> Texts(string key) =>
        [.. Items(key).Select(item => AsText(item.Node, item.Path)).OfType<string>()];

    /// <summary>A list of texts, each one of <paramref name="known"/>; these, if it is absent or empty.</summary>
    public IReadOnlyList<string> Choices(string key, IReadOnlyList<string> known)
    {
        var chosen = new List<string>();
        foreach (var (item, at) in Items(key))
        {
            if (AsText(item, at) is { } text)
            {
                chosen.Add(text);
                if (!known.Contains(text))
                {
                    findings.Report(item.Start, at, $"{item.Describe} is none of {string.Join(", ", known)}" + findings.Suggest(text, known));
                }
            }
        }

        return chosen.Count > 0 ? chosen : known;
    }

    /// <summary>A list of mappings; none if absent. An element that is no mapping is reported and read as an empty one, to keep the count.</summary>
    public IReadOnlyList<MappingReader> Mappings(string key) =>
        [.. Items(key).Select(item => AsMapping(item.Node, item.Path) ?? new MappingReader(new YamlMapping(item.Node.Start, []), item.Path, new Findings()))];

    public IReadOnlyList<(YamlNode Node, ConfigurationPath Path)> Items(string key)
    {
        switch (Take(key))
        {
            case null:
                return [];
            case YamlSequence sequence:
                return [.. sequence.Items.Select((item, index) => (item, path / key / index))];
            case var other:
                findings.Report(other.Start, path / key, $"expected a list, found {other.Describe}");
                return [];
        }
    }

    /// <summary>A mapping of names to texts; empty if absent.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string key)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Mapping(key) is { } inner)
        {
            foreach (var name in inner.Keys)
            {
                map[name] = inner.RequiredText(name);
            }
        }

        return map;
    }

    /// <summary>Keys that Zilla knows and this suite does not yet: refused, since to ignore them would change what the file means.</summary>
    public void NotYet(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Take(key) is not null)
            {
                ReportKey(key, $"'{key}' is not supported yet");
            }
        }
    }

    /// <summary>Keys that are known but do not go with what else is said here.</summary>
    public void NotHere(string reason, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Take(key) is not null)
            {
                ReportKey(key, $"'{key}' {reason}");
            }
        }
    }

    public void Finish()
    {
        foreach (var key in Keys.Where(key => !_known.Contains(key)))
        {
            var hint = findings.Suggest(key, _known);
            ReportKey(key, $"unknown key {node.Find(key)!.Key.Describe}"
                + (hint.Length > 0 ? hint : _known.Count > 0 ? $"; known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}" : ""));
        }
    }

    public void ReportKey(string key, string message) => findings.Report(node.Find(key)?.Key.Start ?? node.Start, path / key, message);

    public string? AsText(YamlNode value, ConfigurationPath at)
    {
        if (value is YamlScalar { IsNull: false } scalar)
        {
            return scalar.Text;
        }

        findings.Report(value.Start, at, $"expected a single value, found {value.Describe}");
        return null;
    }

    public int? AsNumber(YamlNode value, ConfigurationPath at, int min, int max)
    {
        if (value is YamlScalar scalar && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        findings.Report(value.Start, at, $"expected a whole number from {min} to {max}, found {value.Describe}");
        return null;
    }

    public MappingReader? AsMapping(YamlNode value, ConfigurationPath at)
    {
        if (value is YamlMapping mapping)
        {
            return new MappingReader(mapping, at, findings);
        }

        findings.Report(value.Start, at, $"expected a mapping, found {value.Describe}");
        return null;
    }
}
