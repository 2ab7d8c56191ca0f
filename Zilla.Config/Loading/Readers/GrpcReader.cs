using System.Text;
using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.9.</summary>
internal static class GrpcReader
{
    private const int LargestMessage = 64 << 20;

    public static BindingConfig Server(BindingNode node)
    {
        return new GrpcServerBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Schemas = Schemas(node),
            Services = [.. node.Options.Items("services").Select(item => node.Options.AsText(item.Node, item.Path) is { } path ? RelativePath.Resolve(path, item.Path, node.Options.Findings, node.Source) : "")],
            MaxMessage = MaxMessage(node),
            Reflection = node.Options.Flag("reflection") ?? true,
            Health = node.Options.Flag("health") ?? true,
            Routes = [.. node.Routes.Select(Route)],
        };
    }

    public static BindingConfig Client(BindingNode node) =>
        new GrpcClientBinding { Name = node.Name, Exit = node.Exit, MaxMessage = MaxMessage(node), Routes = [.. node.Routes.Select(Route)] };

    private static int MaxMessage(BindingNode node)
    {
        var limits = node.Options.Mapping("limits");
        var message = limits?.Number("message", 1, LargestMessage) ?? GrpcServerBinding.DefaultMaxMessage;
        limits?.Finish();
        return message;
    }

    /// <summary>A condition of grpc and grpc-kafka.</summary>
    public static GrpcCondition Condition(MappingReader when)
    {
        var condition = new GrpcCondition { Method = when.Text("method"), Metadata = Metadata(when) };
        CheckMethod(when, condition.Method);
        return condition;
    }

    public static void CheckMethod(MappingReader when, string? method)
    {
        if (method is not null && method.Count(c => c == '/') != 1)
        {
            when.Findings.Report(when.Path / "method", $"a method is package.Service/Method, found {when.Take("method")!.Describe}");
        }
    }

    private static GrpcRoute Route(RouteNode route)
    {
        route.Body.NotHere("is not for grpc", "with");
        return new GrpcRoute { Exit = route.Exit, Guarded = route.Guarded, When = [.. route.When.Select(Condition)] };
    }

    /// <summary>A text, or <c>{base64: …}</c>.</summary>
    private static Dictionary<string, ReadOnlyMemory<byte>> Metadata(MappingReader when)
    {
        const string Base64 = "base64";
        var read = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        if (when.Mapping("metadata") is not { } metadata)
        {
            return read;
        }

        foreach (var name in metadata.Keys)
        {
            if (metadata.Take(name) is not Yaml.YamlMapping)
            {
                read[name] = Encoding.UTF8.GetBytes(metadata.RequiredText(name));
                continue;
            }

            var value = metadata.Mapping(name)!;
            var text = value.RequiredText(Base64);
            var bytes = new byte[text.Length];
            if (!Convert.TryFromBase64String(text, bytes, out var length))
            {
                value.Findings.Report(value.Path / Base64, "not Base64");
            }

            read[name] = bytes.AsMemory(0, length);
            value.Finish();
        }

        return read;
    }

    /// <summary><c>catalog: {name: [{subject: …, version: …}]}</c></summary>
    private static IReadOnlyList<SchemaReference> Schemas(BindingNode node)
    {
        if (node.Catalog is not { } catalogs)
        {
            return [];
        }

        var schemas = new List<SchemaReference>();
        foreach (var catalog in catalogs.Keys)
        {
            foreach (var entry in catalogs.Mappings(catalog))
            {
                entry.NotYet("id", "strategy");
                schemas.Add(new SchemaReference(catalog, entry.RequiredText("subject"), entry.Text("version") ?? "latest"));
                entry.Finish();
            }
        }

        return schemas;
    }
}
