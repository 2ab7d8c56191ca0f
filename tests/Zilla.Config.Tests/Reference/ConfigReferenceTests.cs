using Zilla.Config.Loading;
using Zilla.Config.Loading.Readers;

namespace Zilla.Config.Tests.Reference;

/// <summary>
/// <c>docs/config-reference.md</c> says what the readers do: every key that they accept is on the page, and what the page says of a key is what they make of it.
/// </summary>
public sealed class ConfigReferenceTests
{
    private const string Unknown = "qqqqqqqqqqqq";
    private const string NotYet = "is not supported yet";

    public static TheoryData<string> Sections => [.. ReferencePage.Sections.Select(section => section.ToString())];

    [Fact]
    public void Page_NamesEveryTypeThatIsBuilt_AndEveryOneThatIsNot()
    {
        var types = BindingTypes.All.SelectMany(type => BindingTypes.KindsOf(type)!.Select(kind => (Type: type, Kind: kind, Built: BindingReaders.Find(type, kind) is not null))).ToList();

        Assert.Equal(types.Where(type => type.Built).Select(type => $"{type.Type} {type.Kind}").Order(), Types("Bindings").Order());
        Assert.Equal(types.Where(type => !type.Built).Select(type => $"{type.Type} {type.Kind}").Order(), ReferencePage.NamesBelow("Bindings", "Not supported yet: ").Order());
        foreach (var (heading, section) in new[] { ("Vaults", "vaults"), ("Guards", "guards"), ("Catalogs", "catalogs"), ("Stores", "stores") })
        {
            string[] read = heading == "Catalogs" ? [.. ReferencePage.NamesBelow(heading, "Read, and not supported yet: ")] : [];
            Assert.Equal(BindingTypes.TypesOf(section).Order(), Types(heading).Concat(ReferencePage.NamesBelow(heading, heading == "Catalogs" ? ". Not supported yet: " : "Not supported yet: ")).Concat(read).Order());
        }

        Assert.Equal(TelemetryReader.ExporterTypes.Order(), Types("Exporters").Concat(ReferencePage.NamesBelow("Exporters", "Not supported yet: ")).Order());
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void Mappings_HaveTheKeysThatThePageNames_AndNoOthers(string name)
    {
        var section = Find(name);
        var problems = new List<string>();
        foreach (var mapping in section.Mappings)
        {
            var named = section.Keys.Where(key => Child(key, mapping) is not null).GroupBy(key => Child(key, mapping)!).ToDictionary(same => same.Key, same => same.ToList());
            var open = named.Keys.Any(key => key.StartsWith('<'));
            var known = named.Values.SelectMany(keys => keys).Select(key => key.Needs).Distinct()
                .Select(needs => KnownIn(section, mapping, named.Values.SelectMany(keys => keys).First(key => key.Needs == needs))).ToList();
            if (open)
            {
                problems.AddRange(known.Where(keys => keys is not null).Select(_ => $"{mapping}: the page says that any name may stand here"));
                continue;
            }

            if (known.Contains(null))
            {
                problems.Add($"{mapping}: takes keys that nobody knows");
                continue;
            }

            problems.AddRange(named.Keys.Where(key => !known.Exists(keys => keys!.Contains(key))).Select(key => $"{mapping}: no reader knows '{key}'"));
            problems.AddRange(known.SelectMany(keys => keys!).Distinct().Where(key => !named.ContainsKey(key) && !IsRefused(section, mapping, key)).Select(key => $"{mapping}: the page lacks '{key}'"));
        }

        Assert.Equal([], problems);
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void Keys_AreWhatThePageSays(string name)
    {
        var section = Find(name);
        Assert.Equal([], section.Keys.SelectMany(key => Problems(section, key).Select(problem => $"{key.Path}: {problem}")));
    }

    private static IEnumerable<string> Problems(ReferenceSection section, ReferenceKey key)
    {
        // What stands under another heading, and the two keys that say which heading an entry is under.
        if (key.Parent.Length == 0 && key.Name is "type" or "kind" || section.Heading == "The file")
        {
            yield break;
        }

        var refused = Around().Put(key.Path, ReferenceSamples.Of(key)).MistakesAt(key.Path);
        if (refused.Any(message => message == $"'{key.Name}' {NotYet}") == key.IsSupported)
        {
            yield return key.IsSupported ? NotYet : "is supported";
        }

        if (!key.IsSupported)
        {
            yield break;
        }

        foreach (var choice in key.Choices)
        {
            var says = key.Note.Contains($"`{choice}`", StringComparison.Ordinal) && key.Note.Contains("not supported yet", StringComparison.Ordinal);
            if (Around().Put(key.Path, choice).MistakesAt(key.Path).Any(message => message.EndsWith(NotYet, StringComparison.Ordinal)) != says)
            {
                yield return $"'{choice}' {(says ? "is supported" : NotYet)}";
            }
        }

        if (ReferenceSamples.Wrong(key) is { } wrong && Around().Put(key.Path, wrong.Value).MistakesAt(key.Path) is var said && !said.Any(message => message.Contains(wrong.Mistake, StringComparison.Ordinal)))
        {
            yield return $"is not {key.Type}: '{wrong.Value}' gives {string.Join("; ", said)}";
        }

        var missing = Around().Without(Whole(key)).MistakesAt(key.Parent).Any(message => message == $"'{key.Name}' is missing");
        if (!key.Name.StartsWith('<') && missing != key.IsRequired)
        {
            yield return key.IsRequired ? "is not required" : "is required";
        }

        if (key.Default.Length > 0 && !key.IsRequired && Around().Put(Whole(key), ReferenceSamples.Default(key)).Read() != Around().Read())
        {
            yield return $"{key.Default} is not the default";
        }

        if (key.IsFixed ? Around().Put(key.Path, "x").MistakesAt(key.Path).Count == 0 : Changes() == key.Note.Contains("without effect", StringComparison.Ordinal) && HasEffects())
        {
            yield return key.IsFixed ? "takes other values" : Changes() ? "has an effect" : "has no effect";
        }

        ReferenceFile Around() => ReferenceFile.Around(section, key);
        bool Changes() => ReferenceSamples.All(key).Any(sample => Around().Put(key.Path, sample).Read() != Bare().Read());
        bool HasEffects() => key.Choices.Count != 1 && key.Type != "mapping" && !key.Note.Contains("not supported yet", StringComparison.Ordinal) && !key.Note.Contains("cannot be honoured", StringComparison.Ordinal);
        ReferenceFile Bare() => key.IsRequired ? Around().Without(Whole(key)) : Around();
    }

    /// <summary>The list itself, of a key that stands for its elements.</summary>
    private static string Whole(ReferenceKey key) => key.Path.EndsWith("[]", StringComparison.Ordinal) ? key.Path[..^2] : key.Path;

    /// <summary>Null: any.</summary>
    private static HashSet<string>? KnownIn(ReferenceSection section, string mapping, ReferenceKey needs)
    {
        var probe = mapping.Length == 0 ? Unknown : $"{mapping}.{Unknown}";
        const string Start = "known here: ";
        var message = ReferenceFile.Around(section, [.. needs.Parents], needs).Put(probe, "x").MistakesAt(probe).FirstOrDefault(message => message.Contains("unknown key", StringComparison.Ordinal));
        return message is null ? null : message.IndexOf(Start, StringComparison.Ordinal) is var at && at < 0 ? [] : [.. message[(at + Start.Length)..].Split(", ")];
    }

    /// <summary>Known, and refused for what the binding is; or one of those that stand above the tables of bindings.</summary>
    private static bool IsRefused(ReferenceSection section, string mapping, string key)
    {
        var path = mapping.Length == 0 ? key : $"{mapping}.{key}";
        var notYet = section.Heading == "Bindings" && path is "vault" or "catalog" or "routes[].guarded";
        var messages = ReferenceFile.Around(section, mapping.Length == 0 ? [""] : ["", mapping]).Put(path, "x").Mistakes().Select(mistake => mistake.Message).ToList();
        return messages.Contains($"'{key}' {NotYet}") ? notYet
            : messages.Exists(message => message.StartsWith($"'{key}' ", StringComparison.Ordinal) && !message.EndsWith("is missing", StringComparison.Ordinal))
            || path is "options" or "routes" or "routes[].with";
    }

    private static string? Child(ReferenceKey key, string mapping)
    {
        var start = mapping.Length == 0 ? "" : mapping + ".";
        return key.Path.StartsWith(start, StringComparison.Ordinal) ? key.Path[start.Length..].Split('.')[0].Replace("[]", "", StringComparison.Ordinal) : null;
    }

    private static IEnumerable<string> Types(string heading) => ReferencePage.Sections.Where(section => section.Heading == heading && section.Type.Length > 0).Select(section => section.Type);

    private static ReferenceSection Find(string name) => ReferencePage.Sections.Single(section => section.ToString() == name);
}
