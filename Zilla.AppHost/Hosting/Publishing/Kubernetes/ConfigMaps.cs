using System.Text;
using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

/// <summary>The configuration, the files beside it, and the settings that differ from cluster to cluster.</summary>
internal static class ConfigMaps
{
    /// <summary>What a ConfigMap holds, less some room for its names.</summary>
    private const int MaxBytes = 1000 * 1024;

    /// <exception cref="FormatException">There is more than fits.</exception>
    public static IEnumerable<YamlMap> Of(Deployment deployment)
    {
        yield return Map(PodEnvironment.Settings, new YamlMap
        {
            { ConfigurationNeeds.BootstrapServer, deployment.Model.Options.Kafka ?? "kafka:9092" },
            { PodEnvironment.TelemetryEndpoint, "" },
        });

        if (deployment.Configuration is { } configuration)
        {
            yield return OfFiles(PodVolumes.Config, [configuration]);
        }

        var files = deployment.Services.SelectMany(service => service.Files).Where(file => !file.Secret).SelectMany(file => file.Expand()).DistinctBy(file => file.Key).ToList();
        if (files.Count > 0)
        {
            yield return OfFiles(PodVolumes.Files, files);
        }
    }

    private static YamlMap OfFiles(string name, IReadOnlyList<MountedFile> files)
    {
        var (data, binary, size) = (new YamlMap(), new YamlMap(), 0L);
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file.Source);
            size += bytes.Length;
            if (Text(bytes) is { } text)
            {
                data.Add(file.Key, text);
            }
            else
            {
                binary.Add(file.Key, Convert.ToBase64String(bytes));
            }
        }

        return size <= MaxBytes
            ? Map(name, data.OrNull(), binary.OrNull())
            : throw new FormatException($"The files that edges serve ({string.Join(", ", files.Take(3).Select(f => f.RelativePath))}, …) are {size} bytes; a ConfigMap takes {MaxBytes}.");
    }

    private static YamlMap Map(string name, YamlMap? data, YamlMap? binary = null) => new()
    {
        { "apiVersion", "v1" },
        { "kind", "ConfigMap" },
        { "metadata", new YamlMap { { "name", name }, { "labels", Labels.Suite } } },
        { "data", data },
        { "binaryData", binary },
    };

    /// <summary>Null if it is none.</summary>
    private static string? Text(byte[] bytes)
    {
        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
            return text.Any(c => char.IsControl(c) && c is not ('\n' or '\t')) || text.StartsWith('\uFEFF') ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
