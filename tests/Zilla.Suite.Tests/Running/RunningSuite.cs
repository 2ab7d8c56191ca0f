using Zilla.Testing;

namespace Zilla.Suite.Tests.Running;

/// <summary>The whole suite as real processes, started by the AppHost on an example's configuration, with its own port and topics.</summary>
public sealed class RunningSuite : IAsyncDisposable
{
    private readonly ChildProcess _appHost;
    private readonly DirectoryInfo _folder;

    private RunningSuite(ChildProcess appHost, DirectoryInfo folder, int port, string? kafka, IReadOnlyDictionary<string, string> topics)
    {
        (_appHost, _folder, Port, Kafka, Topics) = (appHost, folder, port, kafka ?? "", topics);
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>The clients' port.</summary>
    public int Port { get; }

    /// <summary>Bootstrap servers; empty where the AppHost has started its embedded broker.</summary>
    public string Kafka { get; }

    /// <summary>By the example's own names, the topics used in their place, so that one Kafka serves many runs.</summary>
    public IReadOnlyDictionary<string, string> Topics { get; }

    /// <summary>Stands where the quickstart says <c>items-snapshots</c>.</summary>
    public string Topic => Topics["items-snapshots"];

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
        var suite = Launch(kafka, "quickstart", new Dictionary<string, string> { ["items-snapshots"] = topic }, arguments, environment);
        return await suite.ReadyAsync(suite.WaitUntilServingAsync);
    }

    /// <summary>Runs an example other than the quickstart.</summary>
    /// <param name="kafka">Bootstrap servers.</param>
    /// <param name="example">A folder of <c>examples</c>.</param>
    /// <param name="topics">By the example's own names, the topics to use in their place.</param>
    /// <param name="probe">A path that is answered with a status below 500 once requests get through to Kafka.</param>
    public static async Task<RunningSuite> StartExampleAsync(string kafka, string example, IReadOnlyDictionary<string, string> topics, string probe)
    {
        var suite = Launch(kafka, example, topics);
        return await suite.ReadyAsync(() => suite.WaitForAsync(probe, response => (int)response.StatusCode < 500));
    }

    /// <summary>Runs an example whose clients do not speak HTTP, and waits until everything in it is up.</summary>
    /// <param name="kafka">Bootstrap servers.</param>
    /// <param name="example">A folder of <c>examples</c>.</param>
    /// <param name="topics">By the example's own names, the topics to use in their place.</param>
    public static async Task<RunningSuite> StartExampleAsync(string kafka, string example, IReadOnlyDictionary<string, string> topics)
    {
        var suite = Launch(kafka, example, topics);
        return await suite.ReadyAsync(() => suite.AppHost.WaitForLineAsync("Everything is up", TimeSpan.FromSeconds(90)));
    }

    /// <summary>Waits until a read goes the whole way: edge, cache, Kafka.</summary>
    public Task WaitUntilServingAsync() => WaitForAsync("/items", response => response.IsSuccessStatusCode);

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

    private static RunningSuite Launch(
        string? kafka, string example, IReadOnlyDictionary<string, string> topics,
        IEnumerable<string>? arguments = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var folder = Directory.CreateTempSubdirectory("zilla-suite-");
        var port = FreePort.Next();
        var configuration = ExampleCopy.Write(folder.FullName, example, port, topics);
        var appHost = ChildProcess.Start(
            Repository.Service("Zilla.AppHost"),
            ["--config", configuration, "--state", Path.Combine(folder.FullName, "state"), .. kafka is null ? (string[])[] : ["--kafka", kafka], .. arguments ?? ["--no-dashboard"]],
            environment, folder.FullName);
        return new RunningSuite(appHost, folder, port, kafka, topics);
    }

    private async Task<RunningSuite> ReadyAsync(Func<Task> serving)
    {
        try
        {
            await serving();
            return this;
        }
        catch (Exception e)
        {
            await DisposeAsync();
            throw new InvalidOperationException($"The suite did not come up:\n{_appHost.Output}", e);
        }
    }

    private Task WaitForAsync(string path, Func<HttpResponseMessage, bool> serves) => Eventually.HoldsAsync(async () =>
    {
        if (_appHost.HasExited)
        {
            throw new InvalidOperationException($"The AppHost exited with {_appHost.ExitCode}");
        }

        try
        {
            using var response = await Http.GetAsync(new Uri(path, UriKind.Relative));
            return serves(response);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, TimeSpan.FromSeconds(90), $"GET {path} answers");
}
