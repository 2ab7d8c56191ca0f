using Zilla.Config.Models;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §1.1 (<c>cataloged</c>), §3.4: the models whose schema is in a catalog. That the catalog exists is checked with the other names.</summary>
internal static class SchemaModelReader
{
    public static SchemaModel Read(MappingReader model, string name)
    {
        var (catalog, schemas) = ("", (IReadOnlyList<CatalogedSchema>)[]);
        if (model.Mapping("catalog") is not { } catalogs)
        {
            if (model.Take("catalog") is null)
            {
                model.Findings.Report(model.Path, "'catalog' is missing");
            }
        }
        else
        {
            foreach (var (index, key) in catalogs.Keys.Index())
            {
                if (index > 0)
                {
                    catalogs.ReportKey(key, "a schema comes from one catalog, here is a second");
                }

                (catalog, schemas) = (key, [.. catalogs.Mappings(key).Select(entry => Schema(entry, name))]);
                if (schemas.Count == 0)
                {
                    catalogs.ReportKey(key, "names no schema");
                }
            }
        }

        return new SchemaModel
        {
            Model = name,
            Catalog = catalog,
            Schemas = schemas,
            ViewJson = name != "json" && model.Choice("view", ("json", true)) is true,
        };
    }

    private static CatalogedSchema Schema(MappingReader entry, string model)
    {
        var schema = new CatalogedSchema
        {
            Id = entry.Number("id", 0, int.MaxValue),
            Strategy = Strategy(entry, model),
            Subject = entry.Text("subject"),
            Record = model == "protobuf" ? entry.RequiredText("record") : null,
            Overlay = Overlay(entry),
        };
        var ways = (entry.Take("id") is null ? 0 : 1) + (entry.Take("strategy") is null ? 0 : 1) + (entry.Take("subject") is null ? 0 : 1);
        if (ways != 1)
        {
            entry.Findings.Report(entry.Path, "expected one of 'id', 'strategy' and 'subject'");
        }

        if (entry.Take("id") is not null)
        {
            entry.NotHere("does not go with 'id'", "version");
        }

        schema = schema with { Version = entry.Text("version") ?? schema.Version };
        entry.Finish();
        return schema;
    }

    private static string? Strategy(MappingReader entry, string model)
    {
        string[] known = model switch { "avro" => ["topic", "encoded"], "json" => ["topic", "encoded", "tool"], _ => ["topic"] };
        var strategy = entry.Text("strategy");
        if (strategy is not null && !known.Contains(strategy))
        {
            entry.Findings.Report(entry.Path / "strategy", $"{entry.Take("strategy")!.Describe} is none of {string.Join(", ", known)}" + entry.Findings.Suggest(strategy, known));
        }

        return strategy;
    }

    private static SchemaOverlay? Overlay(MappingReader entry)
    {
        if (entry.Mapping("overlay") is not { } overlay)
        {
            return null;
        }

        SchemaOverlay? read = null;
        foreach (var catalog in overlay.Keys)
        {
            if (overlay.Mapping(catalog) is { } body)
            {
                read = new SchemaOverlay(catalog, body.RequiredText("subject"), body.Text("version") ?? "latest");
                body.Finish();
            }
        }

        return read;
    }
}
