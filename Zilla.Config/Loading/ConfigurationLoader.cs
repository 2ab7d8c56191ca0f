using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Loading.Readers;
using Zilla.Config.Validation;
using Zilla.Config.Vaults;
using Zilla.Config.Yaml;

namespace Zilla.Config.Loading;

/// <summary>Reads <c>zilla.yaml</c> (reference §1.1, both dialects) and says everything that is wrong with it at once.</summary>
public sealed class ConfigurationLoader
{
    private readonly Findings _findings = new();
    private readonly ConfigurationSource _source;

    private ConfigurationLoader(ConfigurationSource source) => _source = source;

    /// <param name="text">The whole file; at most 1 Mi characters.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="environment">What <c>${{env.NAME}}</c> stands for; null = not set.</param>
    public static ConfigurationResult Load(string text, ConfigurationSource source, Func<string, string?> environment)
    {
        var loader = new ConfigurationLoader(source);
        var configuration = loader.Read(text, environment);
        return loader._findings.Any
            ? new ConfigurationResult(null, loader._findings.Sorted())
            : new ConfigurationResult(configuration, []) { ShownText = loader._findings.Secrets.Hide(text) };
    }

    private ZillaConfiguration? Read(string text, Func<string, string?> environment)
    {
        void Report(YamlMark mark, string message) => _findings.Report(mark, ConfigurationPath.Root, message);
        try
        {
            switch (YamlDocument.Read(text, new EnvironmentReferences(environment, _findings.ReportUnknown).Substitute, Report))
            {
                case YamlMapping root:
                    _findings.LookUpIn(root);
                    var configuration = Root(root);
                    ConfigurationRules.Check(configuration, _findings);
                    return configuration;
                case null:
                    Report(new YamlMark(1, 1), "the file is empty");
                    return null;
                case var other:
                    Report(other.Start, $"expected a mapping, found {other.Describe}");
                    return null;
            }
        }
        catch (YamlRefusedException refused)
        {
            Report(refused.Mark, refused.Message);
            return null;
        }
    }

    private ZillaConfiguration Root(YamlMapping node)
    {
        var root = new MappingReader(node, ConfigurationPath.Root, _findings);
        var name = root.RequiredText("name");
        if (name.Length > 0 && !NameRules.IsName(name))
        {
            _findings.Report(ConfigurationPath.Root / "name", NameRules.Broken(root.Take("name")!.Describe));
        }

        var bindings = new OrderedDictionary<string, BindingConfig>(StringComparer.Ordinal);
        foreach (var (entry, body) in Entries(root, "bindings"))
        {
            bindings[entry] = Binding(entry, body);
        }

        var guards = new Dictionary<string, GuardConfig>(StringComparer.Ordinal);
        var vaults = new Dictionary<string, FilesystemVault>(StringComparer.Ordinal);
        foreach (var section in BindingTypes.TypedSections)
        {
            foreach (var (entry, body) in Entries(root, section))
            {
                if (section == "guards")
                {
                    guards[entry] = GuardReader.Read(entry, body);
                    if (guards[entry] is not (InlineGuard or JwtGuard))
                    {
                        NotYet(body, section);
                    }
                }
                else if (section == "vaults" && VaultReader.Read(entry, body, _source) is { } vault)
                {
                    vaults[entry] = vault;
                }
                else
                {
                    NotYet(body, section);
                }
            }
        }

        if (root.Mapping("telemetry") is { } telemetry)
        {
            TelemetryReader.Check(telemetry);
        }

        root.Finish();
        new ReferenceCheck(node, _findings).Run();
        return new ZillaConfiguration { Name = name, Bindings = bindings, Guards = guards, Vaults = vaults };
    }

    private IEnumerable<(string Name, MappingReader Body)> Entries(MappingReader root, string section)
    {
        if (root.Mapping(section) is not { } entries)
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

    private BindingConfig Binding(string name, MappingReader body)
    {
        var type = body.RequiredText("type");
        var kind = body.RequiredText("kind");
        if (type.Length == 0)
        {
            return Unsupported(name, body, type, kind);
        }

        if (BindingTypes.KindsOf(type) is not { } kinds)
        {
            _findings.Report(body.Path / "type", $"there is no binding type {body.Take("type")!.Describe}" + _findings.Suggest(type, BindingTypes.All));
        }
        else if (kind.Length > 0 && !kinds.Contains(kind))
        {
            _findings.Report(body.Path / "kind", $"{body.Take("kind")!.Describe} is no kind of {type} binding: {string.Join(", ", kinds)}" + _findings.Suggest(kind, kinds));
        }
        else if (BindingReaders.Find(type, kind) is { } reader)
        {
            var node = new BindingNode(name, body, _source);
            var binding = reader(node);
            node.Finish();
            return binding;
        }
        else if (kind.Length > 0)
        {
            _findings.Report(body.Path / "type", $"the binding type '{type}' with kind '{kind}' is not supported yet");
        }

        return Unsupported(name, body, type, kind);
    }

    /// <summary>A stand-in of which only the exits are read.</summary>
    private static UnsupportedBinding Unsupported(string name, MappingReader body, string type, string kind) => new()
    {
        Name = name,
        Type = type,
        Kind = kind,
        Exit = body.Text("exit"),
        RouteExits = [.. body.Mappings("routes").Select(route => route.Text("exit"))],
    };

    private void NotYet(MappingReader body, string section)
    {
        var type = body.RequiredText("type");
        if (type.Length > 0)
        {
            var one = section[..^1];
            _findings.Report(body.Path / "type", BindingTypes.TypesOf(section).Contains(type)
                ? $"the {one} type '{type}' is not supported yet"
                : $"there is no {one} type {body.Take("type")!.Describe}" + _findings.Suggest(type, BindingTypes.TypesOf(section)));
        }
    }
}
