using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

internal static class Labels
{
    public static YamlMap Suite => new() { { "app.kubernetes.io/part-of", "zilla" } };

    /// <summary>What tells a service's pods from all others; never changes.</summary>
    public static YamlMap Selecting(DeployedService service) => new() { { "app.kubernetes.io/name", service.Name }, { "app.kubernetes.io/part-of", "zilla" } };

    public static YamlMap Of(DeployedService service) => Selecting(service);
}
