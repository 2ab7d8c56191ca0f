using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>One service as a process that can be killed and started again where it was.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const int Kill = 9;

    private readonly string _project;
    private readonly Dictionary<string, string?> _environment;
    private readonly string _folder;
    private readonly Uri _ready;
    private ChildProcess _process;

    private ServiceProcess(string project, Dictionary<string, string?> environment, string folder)
    {
        (_project, _environment, _folder) = (project, environment, folder);
        _ready = new Uri(environment["Kestrel__Endpoints__Http__Url"] + "/readyz");
        _process = Launch();
    }

    public string Output => _process.Output;

    /// <param name="project">Of the service.</param>
    /// <param name="instance">Its name.</param>
    /// <param name="folder">Where it may keep its state.</param>
    /// <param name="http">The port of its own endpoint.</param>
    /// <param name="grpc">The port for lanes or plans; 0 = it has none.</param>
    /// <param name="settings">What else its environment says.</param>
    public static ServiceProcess Start(string project, string instance, string folder, int http, int grpc, params (string Name, string Value)[] settings)
    {
        var environment = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value);
        environment["Zilla__Instance"] = instance;
        environment["Zilla__Suite"] = folder;
        environment["Zilla__StateDirectory"] = Path.Combine(folder, "state", instance);
        environment["Zilla__Edge__LockFolder"] = folder;
        environment["Kestrel__Endpoints__Http__Url"] = $"http://127.0.0.1:{http}";
        if (grpc > 0)
        {
            environment["Kestrel__Endpoints__Grpc__Url"] = $"http://127.0.0.1:{grpc}";
        }

        return new(project, environment, folder);
    }

    public async Task KillAsync()
    {
        _process.Signal(Kill);
        await _process.WaitForExitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Starts it again and waits until it says that it is ready.</summary>
    public async Task RestartAsync()
    {
        await _process.DisposeAsync();
        _process = Launch();
        using var client = new HttpClient();
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                using var response = await client.GetAsync(_ready);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(60), $"{_project} is ready again:\n{Output}");
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private ChildProcess Launch() => ChildProcess.Start(Repository.Service(_project), [], _environment, _folder);
}
