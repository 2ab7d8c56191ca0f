using System.Text.RegularExpressions;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

/// <summary>
/// The environment of a container: first the variables that come from elsewhere (a Secret, a ConfigMap, the pod itself), then those whose values
/// are written here and may refer to them, as Kubernetes wants it.
/// </summary>
internal static partial class PodEnvironment
{
    public const string PodName = "POD_NAME";
    public const string PodAddress = "POD_IP";
    public const string TelemetryEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The ConfigMap with what is no secret and differs from cluster to cluster.</summary>
    public const string Settings = "zilla-settings";

    /// <summary>The Secret with the key of the channel and the variables that <c>zilla.yaml</c> reads; made by whoever deploys.</summary>
    public const string Secret = "zilla-env";

    public static IReadOnlyList<YamlMap> Of(ResourceInstance instance)
    {
        var given = instance.Environment.SelectMany(variable => Reference().Matches(variable.Value)).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal).ToList();
        return
        [
            .. given.Select(name => new YamlMap { { "name", name }, { "valueFrom", Source(name) } }),
            .. instance.Environment.Where(variable => !given.Contains(variable.Name)).Select(variable => new YamlMap { { "name", variable.Name }, { "value", variable.Value } }),
        ];
    }

    private static YamlMap Source(string name) => name switch
    {
        PodName => Field("metadata.name"),
        PodAddress => Field("status.podIP"),
        TelemetryEndpoint or ConfigurationNeeds.BootstrapServer => new YamlMap { { "configMapKeyRef", Key(Settings, name) } },
        EnvironmentContext.ChannelKey => new YamlMap { { "secretKeyRef", Key(Secret, DeployedPlacement.GivenChannelKey) } },
        DeployedPlacement.ConfigurationToken => new YamlMap { { "secretKeyRef", Key(Secret, DeployedPlacement.GivenConfigurationToken, optional: true) } },
        _ => new YamlMap { { "secretKeyRef", Key(Secret, name) } },
    };

    private static YamlMap Field(string path) => new() { { "fieldRef", new YamlMap { { "fieldPath", path } } } };

    private static YamlMap Key(string name, string key, bool optional = false) => new() { { "name", name }, { "key", key }, { "optional", optional ? true : null } };

    [GeneratedRegex(@"(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_]*)\)")]
    private static partial Regex Reference();
}
