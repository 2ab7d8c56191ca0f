using Zilla.Config.Yaml;

namespace Zilla.Config.Loading;

/// <summary>
/// Reports names of guards, vaults, catalogs and stores that nothing declares. Works on the text, not on the records, and so finds them in
/// bindings that are not built yet as well. Exits are checked by a rule.
/// </summary>
internal sealed class ReferenceCheck(YamlMapping root, Findings findings)
{
    public void Run()
    {
        foreach (var (binding, at) in Entries("bindings"))
        {
            Name(binding, at, "vault", "vaults");
            Keys(binding, at, "catalog", "catalogs");
            if (Inner(binding, "options") is { } options)
            {
                Name(options, at / "options", "store", "stores");
                Keys(options, at / "options", "authorization", "guards");
            }

            Routes(binding, at);
        }

        foreach (var (guard, at) in Entries("guards"))
        {
            Name(guard, at, "store", "stores");
        }

        foreach (var (catalog, at) in Entries("catalogs"))
        {
            Name(catalog, at, "vault", "vaults");
        }
    }

    private void Routes(YamlMapping binding, ConfigurationPath at)
    {
        if (binding.Find("routes")?.Value is YamlSequence routes)
        {
            for (var index = 0; index < routes.Items.Count; index++)
            {
                if (routes.Items[index] is YamlMapping route)
                {
                    Keys(route, at / "routes" / index, "guarded", "guards");
                }
            }
        }
    }

    /// <summary>A key whose value is a name.</summary>
    private void Name(YamlMapping owner, ConfigurationPath at, string key, string section)
    {
        if (owner.Find(key)?.Value is YamlScalar { IsNull: false } name)
        {
            Check(name, at / key, section);
        }
    }

    /// <summary>A key whose value is a mapping with names as its keys.</summary>
    private void Keys(YamlMapping owner, ConfigurationPath at, string key, string section)
    {
        foreach (var entry in Inner(owner, key)?.Entries ?? [])
        {
            Check(entry.Key, at / key / entry.Key.Text, section);
        }
    }

    private void Check(YamlScalar name, ConfigurationPath at, string section)
    {
        var declared = Inner(root, section);
        if (declared?.Find(name.Text) is null)
        {
            findings.Report(name.Start, at, $"no {section[..^1]} is named {name.Describe}"
                + findings.Suggest(name.Text, declared?.Entries.Select(entry => entry.Key.Text) ?? []));
        }
    }

    private IEnumerable<(YamlMapping Node, ConfigurationPath At)> Entries(string section) =>
        from entry in Inner(root, section)?.Entries ?? []
        where entry.Value is YamlMapping
        select ((YamlMapping)entry.Value, ConfigurationPath.Root / section / entry.Key.Text);

    private static YamlMapping? Inner(YamlMapping owner, string key) => owner.Find(key)?.Value as YamlMapping;
}
