using System.Globalization;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>One service as a process that can be ended and started again where it was.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const int Kill = 9;
    private const int Terminate = 15;

    private readonly string _project;
    private readonly Dictionary<string, string?> _environment;
    private readonly string _folder;
    private readonly Uri _ready;
    private ChildProcess _process;

    private ServiceProcess(string project, Dictionary<string, string?> environment, string folder)
    {
        (_project, _environment, _folder) = (project, environment, folder);
        _ready = new Uri(environment["Kestrel__Endpoints__Http__Url"] + "/readyz");
        Name = environment["Zilla__Instance"]!;
        _process = Launch();
    }

    /// <summary>Of the instance.</summary>
    public string Name { get; }

    /// <summary>Of its own HTTP endpoint: health, and Control's API.</summary>
    public Uri Address => new(_ready, "/");

    /// <summary>Of its endpoint for lanes or plans, if it has one.</summary>
    public Uri Channel => new(_environment["Kestrel__Endpoints__Grpc__Url"]!);

    public int Id => _process.Id;

    public string Output => _process.Output;

    public IReadOnlyCollection<string> Lines => _process.Lines;

    /// <summary>Resident memory now, in bytes (Linux).</summary>
    public long Memory => 1024 * long.Parse(
        File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..^"kB".Length], CultureInfo.InvariantCulture);

    /// <param name="project">Of the service.</param>
    /// <param name="instance">Its name.</param>
    /// <param name="folder">Where it may keep its state.</param>
    /// <param name="grpc">The port for lanes or plans; 0 = it has none.</param>
    /// <param name="settings">What else its environment says.</param>
    public static ServiceProcess Start(string project, string instance, string folder, int grpc, IReadOnlyDictionary<string, string?> settings)
    {
        var environment = new Dictionary<string, string?>(settings)
        {
            ["OTEL_SERVICE_NAME"] = instance,
            ["Zilla__Instance"] = instance,
            ["Zilla__Suite"] = folder,
            ["Zilla__StateDirectory"] = Path.Combine(folder, "state", instance),
            ["Zilla__Edge__LockFolder"] = folder,
            ["Kestrel__Endpoints__Http__Url"] = $"http://127.0.0.1:{FreePort.Next()}",
        };
        if (grpc > 0)
        {
            environment["Kestrel__Endpoints__Grpc__Url"] = $"{ChannelScheme(settings)}://127.0.0.1:{grpc}";
        }

        return new(project, environment, folder);
    }

    /// <summary>What services with these settings call each other by.</summary>
    public static string ChannelScheme(IReadOnlyDictionary<string, string?> settings) => settings.ContainsKey("Zilla__Channel__AuthorityFile") ? "https" : "http";

    public async Task KillAsync()
    {
        _process.Signal(Kill);
        await _process.WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Asks it to stop, as an orchestrator does, and waits until it has.</summary>
    public async Task StopAsync()
    {
        _process.Signal(Terminate);
        Assert.Equal(0, await _process.WaitForExitAsync(TimeSpan.FromSeconds(60)));
    }

    /// <summary>Starts it again and waits until it says that it is ready.</summary>
    public async Task RestartAsync()
    {
        await _process.DisposeAsync();
        _process = Launch();
        await WaitUntilReadyAsync();
    }

    public async Task WaitUntilReadyAsync()
    {
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
        }, TimeSpan.FromSeconds(60), $"{Name} is ready:\n{Output}");
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private ChildProcess Launch() => ChildProcess.Start(Repository.Service(_project), [], _environment, _folder);
}
