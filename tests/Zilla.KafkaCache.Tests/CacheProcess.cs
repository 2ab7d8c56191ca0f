using System.Text;
using System.Text.Json;
using Zilla.Config.Plans;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests;

/// <summary>The service as a process of its own, with a plan kept from before and no Control.</summary>
internal sealed class CacheProcess : IAsyncDisposable
{
    private const int Kill = 9;

    private readonly Dictionary<string, string?> _environment;

    private CacheProcess(string state, Dictionary<string, string?> environment)
    {
        (State, _environment) = (state, environment);
        Process = Launch();
    }

    public ChildProcess Process { get; private set; }

    /// <summary>The folder of its state.</summary>
    public string State { get; }

    public Uri Http => new(_environment["Kestrel__Endpoints__Http__Url"]!);

    public Uri Lanes => new(_environment["Kestrel__Endpoints__Grpc__Url"]!);

    public static CacheProcess Start(string servers, string[] bootstrap, string instance = "kafka-cache-0", Dictionary<string, string?>? settings = null)
    {
        var state = Directory.CreateTempSubdirectory("zilla-cache-").FullName;
        var plan = new ServicePlan
        {
            Revision = 1,
            Namespace = "test",
            CachedClusters = [new() { Name = CacheReplica.ClusterName, Servers = [servers], Bootstrap = bootstrap }],
        };
        var kept = $$"""{"service":"kafka-cache","epoch":"e","plan":{{Encoding.UTF8.GetString(PlanJson.Serialize(plan))}}}""";
        Assert.NotNull(JsonDocument.Parse(kept));
        File.WriteAllText(Path.Combine(state, $"{instance}.plan.json"), kept);
        return new(state, new(settings ?? [])
        {
            ["Zilla__Instance"] = instance,
            ["Zilla__StateDirectory"] = state,
            ["Kestrel__Endpoints__Http__Url"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["Kestrel__Endpoints__Grpc__Url"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["Kestrel__Endpoints__Grpc__Protocols"] = "Http2",
        });
    }

    /// <summary>Waits until it has its plan: it listens before, and refuses every stream.</summary>
    public async Task ReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = Http };
        await Eventually.HoldsAsync(() => IsReadyAsync(http));
    }

    public async Task KillAsync()
    {
        Process.Signal(Kill);
        await Process.WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task RestartAsync()
    {
        await Process.DisposeAsync();
        Process = Launch();
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Directory.Delete(State, recursive: true);
    }

    private static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private ChildProcess Launch() => ChildProcess.Start(Repository.Service("Zilla.KafkaCache"), [], _environment);
}
