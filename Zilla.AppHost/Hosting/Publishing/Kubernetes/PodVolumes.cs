using Zilla.AppHost.Hosting.Publishing.Yaml;

namespace Zilla.AppHost.Hosting.Publishing.Kubernetes;

/// <summary>
/// What a pod mounts. The root is read-only: state and <c>/tmp</c> are the two places to write. The configuration is mounted as a folder, so that a
/// changed ConfigMap reaches it; single files are mounted one by one, since a folder of them would be full of links, which no edge follows.
/// </summary>
internal sealed class PodVolumes
{
    /// <summary>The ConfigMap with the configuration.</summary>
    public const string Config = "zilla-config";

    /// <summary>The ConfigMap with the files that edges serve.</summary>
    public const string Files = "zilla-files";

    /// <summary>The Secret with stores of keys and certificates; made by whoever deploys.</summary>
    public const string Stores = "zilla-stores";

    private readonly List<YamlMap> _volumes = [];
    private readonly List<YamlMap> _mounts = [];

    public PodVolumes(DeployedService service, bool readsConfiguration)
    {
        Add("state", "emptyDir", new YamlMap { { "sizeLimit", $"{ContainerNeeds.Of(service.Role).StateGiB}Gi" } }, DeployedPlacement.Home);
        Add("tmp", "emptyDir", new YamlMap { { "sizeLimit", "256Mi" } }, "/tmp");
        if (readsConfiguration)
        {
            Add("config", "configMap", new YamlMap { { "name", Config } }, MountedFile.Folder, readOnly: true);
        }

        if (service.Files.Any(file => !file.Secret))
        {
            _volumes.Add(new YamlMap { { "name", "files" }, { "configMap", new YamlMap { { "name", Files } } } });
            _mounts.AddRange(service.Files.Where(file => !file.Secret).SelectMany(file => file.Expand()).Select(file =>
                new YamlMap { { "name", "files" }, { "mountPath", file.Target }, { "subPath", file.Key }, { "readOnly", true } }));
        }

        if (service.Files.Any(file => file.Secret))
        {
            _volumes.Add(new YamlMap { { "name", "stores" }, { "secret", new YamlMap { { "secretName", Stores }, { "defaultMode", 288 } } } });
            _mounts.AddRange(service.Files.Where(file => file.Secret).Select(file =>
                new YamlMap { { "name", "stores" }, { "mountPath", file.Target }, { "subPath", file.Key }, { "readOnly", true } }));
        }
    }

    public IReadOnlyList<YamlMap> Volumes => _volumes;

    public IReadOnlyList<YamlMap> Mounts => _mounts;

    private void Add(string name, string kind, YamlMap source, string path, bool readOnly = false)
    {
        _volumes.Add(new YamlMap { { "name", name }, { kind, source } });
        _mounts.Add(new YamlMap { { "name", name }, { "mountPath", path }, { "readOnly", readOnly ? true : null } });
    }
}
