using Zilla.Config.Catalogs;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §3.3.</summary>
internal static class CatalogReader
{
    /// <summary>Null for types of which nothing but the name is known.</summary>
    public static CatalogConfig? Read(string name, MappingReader body, ConfigurationSource source)
    {
        var options = body.Mapping("options") ?? BindingNode.Empty(body, "options");
        CatalogConfig? catalog = body.RequiredText("type") switch
        {
            "inline" => new InlineCatalog { Name = name, Subjects = Inline(options) },
            "filesystem" => new FilesystemCatalog { Name = name, Subjects = Files(options, source) },
            "schema-registry" or "karapace" or "karapace-schema-registry" or "confluent-schema-registry" => Registry(name, body, options),
            "apicurio" or "apicurio-registry" => Apicurio(name, body, options),
            _ => null,
        };
        if (catalog is not null)
        {
            options.Finish();
            body.Finish();
        }

        return catalog;
    }

    private static Dictionary<string, InlineSubject> Inline(MappingReader options)
    {
        var subjects = new Dictionary<string, InlineSubject>(StringComparer.Ordinal);
        foreach (var (subject, body) in Subjects(options))
        {
            subjects[subject] = new InlineSubject { Schema = body.RequiredText("schema"), Version = body.Text("version") ?? "latest" };
            body.Finish();
        }

        return subjects;
    }

    private static Dictionary<string, string> Files(MappingReader options, ConfigurationSource source)
    {
        var subjects = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (subject, body) in Subjects(options))
        {
            subjects[subject] = RelativePath.Read(body, "path", source);
            body.Finish();
        }

        return subjects;
    }

    private static IEnumerable<(string Name, MappingReader Body)> Subjects(MappingReader options)
    {
        if (options.Mapping("subjects") is not { } subjects)
        {
            if (options.Take("subjects") is null)
            {
                options.Findings.Report(options.Path, "'subjects' is missing");
            }

            yield break;
        }

        foreach (var subject in subjects.Keys)
        {
            if (subjects.Mapping(subject) is { } body)
            {
                yield return (subject, body);
            }
        }
    }

    private static RegistryCatalog Registry(string name, MappingReader body, MappingReader options)
    {
        var defaults = new RegistryCatalog { Name = name, Url = RemoteReader.Url(options, "url"), Vault = body.Text("vault") };
        return defaults with
        {
            Context = options.Text("context") ?? defaults.Context,
            MaxAge = MaxAge(options) ?? defaults.MaxAge,
            Authorization = RemoteReader.Authorization(options),
            Tls = RemoteReader.Tls(options, defaults.Url),
        };
    }

    private static ApicurioCatalog Apicurio(string name, MappingReader body, MappingReader options)
    {
        var defaults = new ApicurioCatalog { Name = name, Url = RemoteReader.Url(options, "url"), Vault = body.Text("vault") };
        return defaults with
        {
            GroupId = options.Text("group-id") ?? defaults.GroupId,
            UseContentId = options.Choice("use-id", ("globalId", false), ("contentId", true)) ?? false,
            FourByteIds = options.Choice("id-encoding", ("default", false), ("legacy", true)) ?? false,
            MaxAge = MaxAge(options) ?? defaults.MaxAge,
            Authorization = RemoteReader.Authorization(options),
            Tls = RemoteReader.Tls(options, defaults.Url),
        };
    }

    private static TimeSpan? MaxAge(MappingReader options) => options.Number("max-age", 0, int.MaxValue) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
