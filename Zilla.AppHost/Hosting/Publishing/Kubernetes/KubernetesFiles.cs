using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

/// <summary>The suite as manifests: a file per service, one for the ConfigMaps, and the kustomization that <c>kubectl apply -k</c> reads.</summary>
internal static class KubernetesFiles
{
    public const string Folder = "kubernetes";

    private const string Comment = "Written by `dotnet run --project Zilla.AppHost -- publish`; docs/deployment.md says how to use it.";

    /// <returns>Names and contents.</returns>
    public static IEnumerable<(string Name, string Text)> Write(Deployment deployment)
    {
        var files = new List<(string Name, string Text)> { ("config.yaml", YamlText.Write(Comment, ConfigMaps.Of(deployment))) };
        files.AddRange(deployment.Services.Select(service => ($"{service.Name}.yaml", YamlText.Write(Comment, KubernetesObjects.Of(service, deployment.ReadsConfiguration(service))))));
        return files.Prepend(("kustomization.yaml", YamlText.Write($"{Comment}\n`images` says which image each service runs.", new YamlMap
        {
            { "apiVersion", "kustomize.config.k8s.io/v1beta1" },
            { "kind", "Kustomization" },
            { "resources", files.Select(file => file.Name).ToList() },
            { "images", deployment.Services.Select(service => new YamlMap { { "name", service.Image }, { "newName", service.Image }, { "newTag", "latest" } }).ToList() },
        })));
    }
}
