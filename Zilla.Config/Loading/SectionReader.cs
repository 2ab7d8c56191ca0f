using Zilla.Config.Catalogs;
using Zilla.Config.Guards;
using Zilla.Config.Loading.Readers;
using Zilla.Config.Stores;
using Zilla.Config.Vaults;

namespace Zilla.Config.Loading;

/// <summary>Reads the sections whose entries have a type, bindings apart. What is not built yet is read all the same, so that all of its mistakes are found.</summary>
internal sealed class SectionReader(ConfigurationSource source)
{
    public Dictionary<string, GuardConfig> Guards { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FilesystemVault> Vaults { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, CatalogConfig> Catalogs { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, StoreConfig> Stores { get; } = new(StringComparer.Ordinal);

    public void Read(MappingReader root)
    {
        foreach (var (name, body) in root.NamedEntries("guards"))
        {
            Guards[name] = GuardReader.Read(name, body);
            if (Guards[name] is UnsupportedGuard)
            {
                NotYet(body, "guards");
            }
        }

        foreach (var (name, body) in root.NamedEntries("vaults"))
        {
            if (VaultReader.Read(name, body, source) is { } vault)
            {
                Vaults[name] = vault;
            }
            else
            {
                NotYet(body, "vaults");
            }
        }

        foreach (var (name, body) in root.NamedEntries("catalogs"))
        {
            if (CatalogReader.Read(name, body, source) is { } catalog)
            {
                Catalogs[name] = catalog;
            }

            if (!Catalogs.TryGetValue(name, out var known) || known is RemoteCatalog)
            {
                NotYet(body, "catalogs");
            }
        }

        foreach (var (name, body) in root.NamedEntries("stores"))
        {
            if (body.Text("type") == "memory")
            {
                Stores[name] = new StoreConfig(name);
                body.Finish();
            }
            else
            {
                NotYet(body, "stores");
            }
        }
    }

    private static void NotYet(MappingReader body, string section)
    {
        var type = body.RequiredText("type");
        if (type.Length > 0)
        {
            var one = section[..^1];
            var types = BindingTypes.TypesOf(section);
            body.Findings.Report(body.Path / "type", types.Contains(type)
                ? $"the {one} type '{type}' is not supported yet"
                : $"there is no {one} type {body.Take("type")!.Describe}" + body.Findings.Suggest(type, types));
        }
    }
}
