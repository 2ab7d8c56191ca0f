using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Config.Plans;
using Zilla.Streams;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>A replica as a process of its own, with a plan kept from before.</summary>
internal sealed class CacheProcess : IAsyncDisposable
{
    private const int Kill = 9, Continue = 18, Stop = 19, Terminate = 15;

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("zilla-owner-");
    private readonly ChildProcess _process;

    public CacheProcess(string instance, ClusterPlan plan)
    {
        Instance = instance;
        var service = new ServicePlan { Revision = 1, Namespace = "test", CachedClusters = [plan] };
        File.WriteAllText(Path.Combine(_state.FullName, $"{instance}.plan.json"), $$"""{"service":"kafka-cache","epoch":"e","plan":{{Encoding.UTF8.GetString(PlanJson.Serialize(service))}}}""");
        var grpc = FreePort.Next();
        _process = ChildProcess.Start(Repository.Service("Zilla.KafkaCache"), [], new Dictionary<string, string?>
        {
            ["Zilla__Instance"] = instance,
            ["Zilla__StateDirectory"] = _state.FullName,
            ["Kestrel__Endpoints__Http__Url"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["Kestrel__Endpoints__Grpc__Url"] = $"http://127.0.0.1:{grpc}",
            ["Kestrel__Endpoints__Grpc__Protocols"] = "Http2",
        });
        Connection = new(new() { Address = new Uri($"http://127.0.0.1:{grpc}") }, NullLoggerFactory.Instance);
    }

    public string Instance { get; }
    public ReplicaConnection Connection { get; }
    public string Output => _process.Output;

    /// <summary>As a crash or a lost power supply does.</summary>
    public async Task KillAsync()
    {
        _process.Signal(Kill);
        await _process.WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>As an orchestrator asks it to.</summary>
    public Task<int> StopAsync()
    {
        _process.Signal(Terminate);
        return _process.WaitForExitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>It stands still, and knows nothing of it.</summary>
    public void Pause() => _process.Signal(Stop);

    public void Resume() => _process.Signal(Continue);

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _process.DisposeAsync();
        _state.Delete(recursive: true);
    }
}
