using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>Services that a test starts as processes, and the folder where they keep their state. They end with this object.</summary>
internal sealed class ServiceProcesses : IAsyncDisposable
{
    private const int LinesOfEach = 25;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zilla-services-");
    private readonly List<ServiceProcess> _services = [];

    public string Folder => _folder.FullName;

    /// <summary>The end of what each has said, for the message of a test that fails.</summary>
    public string Output => string.Join('\n', _services.Select(service => $"--- {service.Name}\n{string.Join('\n', service.Output.Split('\n').TakeLast(LinesOfEach))}"));

    /// <summary>Environment that says where Control and the replicas of the cache are.</summary>
    /// <param name="plans">Control's port for plans.</param>
    /// <param name="lanes">Each replica's port for lanes.</param>
    /// <param name="settings">What else it says.</param>
    public static Dictionary<string, string?> Environment(int plans, IEnumerable<int> lanes, IReadOnlyDictionary<string, string?>? settings = null)
    {
        settings ??= new Dictionary<string, string?>();
        var scheme = ServiceProcess.ChannelScheme(settings);
        var environment = new Dictionary<string, string?>(settings) { ["services__control__grpc__0"] = $"{scheme}://127.0.0.1:{plans}" };
        foreach (var (index, lane) in lanes.Index())
        {
            environment[$"services__kafka-cache__grpc__{index}"] = $"{scheme}://127.0.0.1:{lane}";
        }

        return environment;
    }

    /// <param name="project">Of the service.</param>
    /// <param name="instance">Its name.</param>
    /// <param name="grpc">The port for lanes or plans; 0 = it has none.</param>
    /// <param name="settings">What else its environment says.</param>
    public ServiceProcess Start(string project, string instance, int grpc, IReadOnlyDictionary<string, string?> settings)
    {
        var service = ServiceProcess.Start(project, instance, Folder, grpc, settings);
        _services.Add(service);
        return service;
    }

    /// <summary>Writes a file into the folder; gives its path.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Copies a file of <c>tests</c> into the folder.</summary>
    public void Copy(params string[] path) => File.Copy(Path.Combine([Repository.Root, "tests", .. path]), Path.Combine(Folder, path[^1]));

    public Task WaitUntilReadyAsync() => Task.WhenAll(_services.Select(service => service.WaitUntilReadyAsync()));

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}
