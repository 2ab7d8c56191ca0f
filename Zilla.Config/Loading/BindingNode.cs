namespace Zilla.Config.Loading;

/// <summary>A binding on its way from text to record: what all types have in common.</summary>
internal sealed class BindingNode(string name, MappingReader body, ConfigurationSource source)
{
    private MappingReader? _options;
    private IReadOnlyList<RouteNode>? _routes;
    private bool _hasVault;
    private bool _hasCatalog;

    public string Name => name;

    public MappingReader Body => body;

    public ConfigurationSource Source => source;

    /// <summary>For types that may have one; others report it as not supported.</summary>
    public string? Vault
    {
        get
        {
            _hasVault = true;
            return body.Text("vault");
        }
    }

    /// <summary>For types that have one.</summary>
    public string RequiredVault
    {
        get
        {
            _hasVault = true;
            return body.RequiredText("vault");
        }
    }

    /// <summary>For types that may have schemas; others report it as not supported.</summary>
    public MappingReader? Catalog
    {
        get
        {
            _hasCatalog = true;
            return body.Mapping("catalog");
        }
    }

    public string? Exit => body.Text("exit");

    /// <summary>An empty mapping if there are none.</summary>
    public MappingReader Options => _options ??= body.Mapping("options") ?? Empty(body, "options");

    public IReadOnlyList<RouteNode> Routes => _routes ??= [.. body.Mappings("routes").Select(route => new RouteNode(route))];

    /// <summary>For types without routes: none of them is read any further.</summary>
    public void RefuseRoutes(string reason)
    {
        body.NotHere(reason, "routes");
        _routes = [];
    }

    /// <summary>Reports what no reader asked for.</summary>
    public void Finish()
    {
        _ = body.Take("telemetry"); // read for every binding alike, whether its type is built or not
        if (!_hasCatalog)
        {
            body.NotYet("catalog");
        }

        if (!_hasVault)
        {
            body.NotYet("vault");
        }

        _ = (Options, Routes);
        Options.Finish();
        foreach (var route in Routes)
        {
            route.Finish();
        }

        body.Finish();
    }

    internal static MappingReader Empty(MappingReader parent, string key) => new(new(default, []), parent.Path / key, parent.Findings);
}

/// <summary>One of a binding's routes.</summary>
internal sealed class RouteNode(MappingReader body)
{
    private IReadOnlyList<MappingReader>? _when;
    private MappingReader? _with;
    private IReadOnlyDictionary<string, IReadOnlyList<string>>? _guarded;

    public MappingReader Body => body;

    public string Exit { get; } = body.RequiredText("exit");

    public IReadOnlyList<MappingReader> When => _when ??= body.Mappings("when");

    /// <summary>An empty mapping if there is none.</summary>
    public MappingReader With => _with ??= body.Mapping("with") ?? BindingNode.Empty(body, "with");

    /// <summary>Guard → roles; empty if there are none. For types whose routes can be guarded; others report it as not supported.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Guarded => _guarded ??= ReadGuarded();

    public void Finish()
    {
        if (_guarded is null)
        {
            body.NotYet("guarded");
        }

        _ = (When, With);
        foreach (var condition in When)
        {
            condition.Finish();
        }

        With.Finish();
        body.Finish();
    }

    private Dictionary<string, IReadOnlyList<string>> ReadGuarded()
    {
        var guarded = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (body.Mapping("guarded") is { } guards)
        {
            foreach (var guard in guards.Keys)
            {
                guarded[guard] = guards.Texts(guard);
            }
        }

        return guarded;
    }
}
