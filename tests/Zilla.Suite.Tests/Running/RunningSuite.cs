using Zilla.Testing;

namespace Zilla.Suite.Tests.Running;

/// <summary>The whole suite as real processes, started by the AppHost on the quickstart's configuration, with its own port and topic.</summary>
public sealed class RunningSuite : IAsyncDisposable
{
    private readonly ChildProcess _appHost;
    private readonly DirectoryInfo _folder;

    private RunningSuite(ChildProcess appHost, DirectoryInfo folder, int port, string topic)
    {
        (_appHost, _folder, Port, Topic) = (appHost, folder, port, topic);
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>The clients' port.</summary>
    public int Port { get; }

    /// <summary>Stands where the quickstart says <c>items-snapshots</c>, so that one Kafka serves many runs.</summary>
    public string Topic { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}");
    public HttpClient Http { get; }
    public ChildProcess AppHost => _appHost;

    /// <param name="kafka">Bootstrap servers; null lets the AppHost start its embedded broker.</param>
    /// <param name="topic">The topic to use in place of the quickstart's.</param>
    /// <param name="arguments">More arguments for the AppHost, such as <c>--replicas</c>.</param>
    /// <param name="environment">Environment on top of the test's own.</param>
    public static async Task<RunningSuite> StartAsync(
        string? kafka, string topic, IEnumerable<string>? arguments = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var folder = Directory.CreateTempSubdirectory("zilla-suite-");
        var port = FreePort.Next();
        var configuration = QuickstartCopy.Write(folder.FullName, port, topic);
        var appHost = ChildProcess.Start(
            Repository.Service("Zilla.AppHost"),
            ["--config", configuration, "--state", Path.Combine(folder.FullName, "state"), .. kafka is null ? (string[])[] : ["--kafka", kafka], .. arguments ?? ["--no-dashboard"]],
            environment, folder.FullName);
        var suite = new RunningSuite(appHost, folder, port, topic);
        try
        {
            await suite.WaitUntilServingAsync();
            return suite;
        }
        catch (Exception e)
        {
            await suite.DisposeAsync();
            throw new InvalidOperationException($"The suite did not come up:\n{appHost.Output}", e);
        }
    }

    /// <summary>Waits until a read goes the whole way: edge, cache, Kafka.</summary>
    public Task WaitUntilServingAsync() => Eventually.HoldsAsync(async () =>
    {
        if (_appHost.HasExited)
        {
            throw new InvalidOperationException($"The AppHost exited with {_appHost.ExitCode}");
        }

        try
        {
            using var response = await Http.GetAsync(new Uri("/items", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, TimeSpan.FromSeconds(90), "GET /items answers");

    /// <summary>Runs curl against the suite; <paramref name="arguments"/> that are paths, "/items…", stand for its address.</summary>
    public Task<string> CurlAsync(params string[] arguments) =>
        ChildProcess.RunAsync("curl", ["-sS", "--max-time", "20", .. arguments.Select(a => a.StartsWith("/items", StringComparison.Ordinal) ? $"{Address}{a[1..]}" : a)]);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_appHost.HasExited)
        {
            _appHost.Signal(15);
            await _appHost.WaitForExitAsync(TimeSpan.FromSeconds(20));
        }

        await _appHost.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
