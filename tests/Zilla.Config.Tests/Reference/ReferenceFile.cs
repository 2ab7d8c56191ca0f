using System.Text.Json.Nodes;
using Zilla.Config.Loading;
using Zilla.Config.Loading.Readers;
using Zilla.Config.Tests.Loading;
using Zilla.Config.Yaml;

namespace Zilla.Config.Tests.Reference;

/// <summary>A file with one entry of a section, into which keys are put as the page writes them. JSON, which is YAML as well.</summary>
internal sealed class ReferenceFile
{
    private readonly ReferenceSection _section;
    private readonly JsonObject _root = new() { ["name"] = "test" };

    public ReferenceFile(ReferenceSection section)
    {
        _section = section;
        var words = section.Type.Split(' ');
        if (section.Type.Length > 0)
        {
            Put("type", words[0]);
        }

        if (words.Length > 1)
        {
            Put("kind", words[1]);
        }
    }

    /// <summary>The file, as far as it takes to put <paramref name="key"/> into it: the mappings around it, with what is required there.</summary>
    public static ReferenceFile Around(ReferenceSection section, ReferenceKey key) => Around(section, [.. key.Parents], key);

    /// <param name="section">Of the page.</param>
    /// <param name="mappings">That have to be there.</param>
    /// <param name="key">Whose needs are met.</param>
    public static ReferenceFile Around(ReferenceSection section, IReadOnlyList<string> mappings, ReferenceKey? key = null)
    {
        var file = new ReferenceFile(section);
        foreach (var mapping in mappings.Where(mapping => mapping.Length > 0))
        {
            file.Put(mapping, new JsonObject());
        }

        foreach (var other in section.Keys.Where(other => other.IsRequired && other.Name is not ("type" or "kind" or "name") && mappings.Contains(other.Parent)))
        {
            if (other.Needs is not { } needs || key is null ? other.Needs is null : needs == key.Needs)
            {
                file.Put(other.Path, ReferenceSamples.Of(other));
            }
        }

        if (key?.Needs is { } needed)
        {
            var place = key.Parents.Reverse().Select(parent => parent.Length == 0 ? needed.Key : $"{parent}.{needed.Key}").First(path => section.Keys.Exists(known => known.Path == path));
            file.Put(place, needed.Value);
        }

        if (key?.NeedsToo is { } beside)
        {
            file.Put($"{key.Parent}.{beside}", "x");
        }

        return file;
    }

    /// <summary>A value at <paramref name="path"/>, in place of what is there, in mappings and lists that are made where there are none.</summary>
    public ReferenceFile Put(string path, JsonNode? value)
    {
        JsonNode at = _root;
        var steps = Steps(_section.Place + path);
        foreach (var (index, step) in steps.Index())
        {
            var last = index == steps.Count - 1;
            JsonNode? next = last ? value : at is JsonArray ? at[0] : at[step];
            if (!last && !(steps[index + 1] == "[]" ? next is JsonArray : next is JsonObject))
            {
                next = steps[index + 1] == "[]" ? new JsonArray((JsonNode?)null) : new JsonObject();
            }

            if (at is JsonArray list)
            {
                if (list[0] != next)
                {
                    list[0] = next;
                }
            }
            else if (at[step] != next)
            {
                at[step] = next;
            }

            at = next!;
        }

        return this;
    }

    public ReferenceFile Without(string path)
    {
        JsonNode? at = _root;
        var steps = Steps(_section.Place + path);
        foreach (var step in steps.SkipLast(1))
        {
            at = step == "[]" ? at?[0] : at?[step];
        }

        at?.AsObject().Remove(steps[^1]);
        return this;
    }

    public IReadOnlyList<ConfigurationError> Mistakes() => Loader.Load(_root.ToJsonString()).Errors;

    /// <summary>Of those, the ones at <paramref name="path"/> itself.</summary>
    public IReadOnlyList<string> MistakesAt(string path)
    {
        var place = string.Concat(Steps(_section.Place + path).Select((step, index) => step == "[]" ? "[0]" : index == 0 ? step : "." + step));
        return [.. Mistakes().Where(mistake => mistake.Path == place).Select(mistake => mistake.Message)];
    }

    /// <summary>What the section's reader makes of the entry, as a text that tells two readings apart.</summary>
    public string Read()
    {
        var findings = new Findings();
        var root = (YamlMapping)YamlDocument.Read(_root.ToJsonString(), (raw, _) => raw, (_, _) => { })!;
        var body = new MappingReader(root, ConfigurationPath.Root, findings);
        foreach (var step in Steps(_section.Place).Where(step => step.Length > 0))
        {
            body = body.Mapping(step) ?? BindingNode.Empty(body, step);
        }

        object? read = _section.Heading switch
        {
            "Telemetry" => TelemetryReader.Read(body),
            "Exporters" => ExporterReader.Read("subject", body),
            "Vaults" => VaultReader.Read("subject", body, Loader.Source),
            "Guards" => GuardReader.Read("subject", body),
            "Catalogs" => CatalogReader.Read("subject", body, Loader.Source),
            "Bindings" => (BindingReaders.Find(_section.Type.Split(' ')[0], _section.Type.Split(' ')[1])!(new BindingNode("subject", body, Loader.Source)), TelemetryReader.ReadBinding(body)),
            _ => null,
        };
        return ReferenceText.Of(read);
    }

    private static List<string> Steps(string path) =>
        [.. path.TrimEnd('.').Split('.').SelectMany(part => part.EndsWith("[]", StringComparison.Ordinal) ? (string[])[part[..^2], "[]"] : [part]).Select(step => step.StartsWith('<') ? "subject" : step)];
}
