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
            Models(binding, at);
            if (Inner(binding, "options") is { } options)
            {
                Name(options, at / "options", "store", "stores");
                Keys(options, at / "options", "authorization", "guards");
                Specs(options, at / "options");
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

        if (Inner(root, "telemetry") is { } telemetry)
        {
            foreach (var (exporter, at) in Entries(telemetry, ConfigurationPath.Root / "telemetry", "exporters"))
            {
                Name(exporter, at, "vault", "vaults");
            }
        }
    }

    /// <summary>The specifications of openapi, asyncapi and their kin (reference §2.15).</summary>
    private void Specs(YamlMapping options, ConfigurationPath at)
    {
        foreach (var (spec, place) in Entries(options, at, "specs"))
        {
            Keys(spec, place, "catalog", "catalogs");
            Name(spec, place, "store", "stores");
            foreach (var scheme in Inner(spec, "security")?.Entries ?? [])
            {
                Name((YamlMapping)spec.Find("security")!.Value, place / "security", scheme.Key.Text, "guards");
            }
        }
    }

    /// <summary>Catalogs of models and of their overlays, wherever there is one: nothing else has both of the two keys.</summary>
    private void Models(YamlNode node, ConfigurationPath at)
    {
        switch (node)
        {
            case YamlMapping mapping:
                if (mapping.Find("model")?.Value is YamlScalar)
                {
                    Keys(mapping, at, "catalog", "catalogs");
                }
                else if (mapping.Find("strategy") is not null || mapping.Find("subject") is not null || mapping.Find("id") is not null)
                {
                    Keys(mapping, at, "overlay", "catalogs");
                }

                foreach (var entry in mapping.Entries)
                {
                    Models(entry.Value, at / entry.Key.Text);
                }

                break;

            case YamlSequence sequence:
                for (var index = 0; index < sequence.Items.Count; index++)
                {
                    Models(sequence.Items[index], at / index);
                }

                break;
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

    private IEnumerable<(YamlMapping Node, ConfigurationPath At)> Entries(string section) => Entries(root, ConfigurationPath.Root, section);

    private static IEnumerable<(YamlMapping Node, ConfigurationPath At)> Entries(YamlMapping owner, ConfigurationPath at, string section) =>
        from entry in Inner(owner, section)?.Entries ?? []
        where entry.Value is YamlMapping
        select ((YamlMapping)entry.Value, at / section / entry.Key.Text);

    private static YamlMapping? Inner(YamlMapping owner, string key) => owner.Find(key)?.Value as YamlMapping;
}
