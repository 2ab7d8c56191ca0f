using Zilla.Config.Bindings;
using Zilla.Config.Loading.Readers;
using Zilla.Config.Schemas;
using Zilla.Config.Telemetry;
using Zilla.Config.Validation;
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
                    return ServiceSchemas.Compile(configuration, _findings);
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

        var telemetry = root.Mapping("telemetry") is { } told ? TelemetryReader.Read(told) : new TelemetryConfig();
        var bindings = new OrderedDictionary<string, BindingConfig>(StringComparer.Ordinal);
        foreach (var (entry, body) in root.NamedEntries("bindings"))
        {
            var (binding, measured) = (Binding(entry, body), TelemetryReader.ReadBinding(body));
            bindings[entry] = measured is null ? binding : binding with { Telemetry = measured with { Metrics = [.. measured.Metrics.Intersect(telemetry.Metrics)] } };
        }

        var sections = new SectionReader(_source);
        sections.Read(root);
        root.Finish();
        new ReferenceCheck(node, _findings).Run();
        return new ZillaConfiguration
        {
            Name = name,
            Bindings = bindings,
            Guards = sections.Guards,
            Vaults = sections.Vaults,
            Catalogs = sections.Catalogs,
            Stores = sections.Stores,
            Telemetry = telemetry,
        };
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
}
