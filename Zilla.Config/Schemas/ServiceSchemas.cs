using Zilla.Config.Bindings;
using Zilla.Config.Catalogs;
using Zilla.Config.Loading;
using Zilla.Config.Validation;

namespace Zilla.Config.Schemas;

/// <summary>Finds the <c>.proto</c> files of grpc servers and compiles them; what is wrong in one is reported where the configuration names it.</summary>
internal static class ServiceSchemas
{
    private const long LargestFile = 1 << 20;

    /// <summary>The configuration with the descriptors of its grpc servers.</summary>
    public static ZillaConfiguration Compile(ZillaConfiguration configuration, Findings findings)
    {
        if (!configuration.Bindings.Values.Any(binding => binding is GrpcServerBinding))
        {
            return configuration;
        }

        var bindings = new OrderedDictionary<string, BindingConfig>(StringComparer.Ordinal);
        foreach (var (name, binding) in configuration.Bindings)
        {
            bindings[name] = binding is GrpcServerBinding grpc ? grpc with { Descriptors = Compile(configuration, grpc, findings) } : binding;
        }

        return configuration with { Bindings = bindings };
    }

    private static byte[] Compile(ZillaConfiguration configuration, GrpcServerBinding binding, Findings findings)
    {
        var files = new Dictionary<string, (ProtoFile File, ConfigurationPath At)>(StringComparer.Ordinal);
        var at = BindingGraph.PathOf(binding);
        var sound = true;
        foreach (var (file, place) in Files(configuration, binding, at, findings))
        {
            sound &= file is not null;
            if (file is not null && !files.TryAdd(file.Name, (file, place)))
            {
                findings.Report(place, $"two .proto files of this binding are called '{file.Name}'");
                sound = false;
            }
        }

        if (sound && files.Count == 0)
        {
            findings.Report(at, "a grpc server needs .proto files: 'catalog', or in the 1.x dialect 'options.services'");
        }

        if (!sound || files.Count == 0)
        {
            return [];
        }

        var (descriptors, errors) = ProtoCompiler.Compile([.. files.Values.Select(entry => entry.File)]);
        foreach (var error in errors)
        {
            var known = error.File is { } name && files.TryGetValue(name, out var named) ? named.At : at;
            findings.Report(known, error.File is null ? error.Message : $"{error.File}, {error.Message}");
        }

        return descriptors;
    }

    /// <summary>Null: it cannot be had, which has been reported.</summary>
    private static IEnumerable<(ProtoFile? File, ConfigurationPath At)> Files(ZillaConfiguration configuration, GrpcServerBinding binding, ConfigurationPath at, Findings findings)
    {
        foreach (var (index, path) in binding.Services.Index())
        {
            var place = at / "options" / "services" / index;
            yield return (Read(path, Path.GetFileName(path), place, findings), place);
        }

        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var schema in binding.Schemas)
        {
            var position = positions[schema.Catalog] = positions.GetValueOrDefault(schema.Catalog, -1) + 1;
            var place = at / "catalog" / schema.Catalog / position / "subject";
            yield return (Find(configuration.Catalogs.GetValueOrDefault(schema.Catalog), schema, place, findings), place);
        }
    }

    private static ProtoFile? Find(CatalogConfig? catalog, SchemaReference schema, ConfigurationPath at, Findings findings)
    {
        var name = schema.Subject.EndsWith(".proto", StringComparison.Ordinal) ? schema.Subject : schema.Subject + ".proto";
        if (name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')) || name[0] == '.')
        {
            findings.Report(at, $"the subject '{schema.Subject}' cannot be a file's name");
            return null;
        }

        switch (catalog)
        {
            // A catalog that is not there has been reported.
            case null:
                return null;
            case InlineCatalog inline when inline.Subjects.TryGetValue(schema.Subject, out var subject):
                return new ProtoFile(name, subject.Schema, null);
            case FilesystemCatalog filesystem when filesystem.Subjects.TryGetValue(schema.Subject, out var path):
                return Read(path, name, at, findings);
            case InlineCatalog or FilesystemCatalog:
                findings.Report(at, $"the catalog '{catalog.Name}' has no subject '{schema.Subject}'" + findings.Suggest(schema.Subject, Subjects(catalog)));
                return null;
            default:
                findings.Report(at, $"the catalog '{catalog.Name}' is not one of type inline or filesystem: .proto files of others are not supported yet");
                return null;
        }
    }

    private static IEnumerable<string> Subjects(CatalogConfig catalog) => catalog is InlineCatalog inline ? inline.Subjects.Keys : ((FilesystemCatalog)catalog).Subjects.Keys;

    private static ProtoFile? Read(string path, string name, ConfigurationPath at, Findings findings)
    {
        try
        {
            if (new FileInfo(path).Length > LargestFile)
            {
                findings.Report(at, $"'{path}' is larger than 1 MiB");
                return null;
            }

            return new ProtoFile(name, File.ReadAllText(path), Path.GetDirectoryName(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            findings.Report(at, $"the .proto file cannot be read: {e.Message}");
            return null;
        }
    }
}
