using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;
using Zilla.AppHost.Tests.Planning;
using Zilla.Testing;

namespace Zilla.AppHost.Tests.Running;

public sealed class SuiteRunnerTests : IAsyncLifetime
{
    private readonly FakeOrchestrator _orchestrator = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly SuiteRunner _suite;
    private Task _run = Task.CompletedTask;

    public SuiteRunnerTests()
    {
        var model = new SampleModel(SampleModel.Options() with { Replicas = new Dictionary<string, int> { ["cache"] = 2 } });
        var plan = ApplicationPlan.Create(model.Builder, new PortAllocator(new Random(1)));
        _suite = new SuiteRunner(plan, _orchestrator, new HealthProbe(new HttpClient(_orchestrator), TimeProvider.System), TimeProvider.System);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _ended.CancelAsync();
        await _run;
        _suite.Dispose();
        _ended.Dispose();
    }

    [Fact]
    public async Task RunAsync_WaitFor_StartsOnceEveryReplicaIsHealthy()
    {
        Run();
        await Eventually.HoldsAsync(() => State("control-0") == ResourceState.Running);
        Assert.Equal(ResourceState.Waiting, State("cache-0"));

        _orchestrator.SetHealthy("control-0");
        await Eventually.HoldsAsync(() => State("cache-0") == ResourceState.Running && State("cache-1") == ResourceState.Running);
        _orchestrator.SetHealthy("cache-0");
        await Eventually.HoldsAsync(() => Snapshot("cache-0").IsHealthy);
        Assert.Equal(ResourceState.Waiting, State("edge-0"));

        _orchestrator.SetHealthy("cache-1");
        await Eventually.HoldsAsync(() => State("edge-0") == ResourceState.Running);
    }

    [Fact]
    public async Task RunAsync_Unhealthy_SaysWhy()
    {
        Run();

        await Eventually.HoldsAsync(() => Snapshot("control-0").Health is [{ Name: "self", Status: HealthStatus.Unhealthy, Description: "not yet" }]);
    }

    [Fact]
    public async Task RunAsync_DependencyEnds_DependentsWaitForItsReturn()
    {
        Run();
        await Eventually.HoldsAsync(() => State("control-0") == ResourceState.Running);
        _orchestrator.End("control-0", 3);
        Assert.Equal((ResourceState.Exited, 3), (State("control-0"), Snapshot("control-0").ExitCode));

        _orchestrator.SetHealthy("control-0");
        await _suite.Find("control-0")!.StartAsync(default);

        await Eventually.HoldsAsync(() => State("cache-0") == ResourceState.Running);
    }

    [Fact]
    public async Task StartAsync_ProgramIsMissing_FailsAndSaysSo()
    {
        _orchestrator.Broken = "control-0";

        await Assert.ThrowsAsync<IOException>(() => _suite.Find("control-0")!.StartAsync(default));

        Assert.Equal(ResourceState.FailedToStart, State("control-0"));
        Assert.Contains(Snapshot("control-0").Health, h => h.Description == "no such program");
    }

    [Fact]
    public async Task RunAsync_ProgramIsMissing_OthersGoOn()
    {
        _orchestrator.Broken = "control-0";
        Run();

        await Eventually.HoldsAsync(() => State("control-0") == ResourceState.FailedToStart && State("kafka-0") == ResourceState.Running);
    }

    [Fact]
    public async Task StopAsync_WhileItWaits_DoesNotStartLater()
    {
        Run();
        await Eventually.HoldsAsync(() => State("cache-0") == ResourceState.Waiting);

        await _suite.Find("cache-0")!.StopAsync(default);
        _orchestrator.SetHealthy("control-0");
        await Eventually.HoldsAsync(() => State("cache-1") == ResourceState.Running);

        Assert.Equal(ResourceState.NotStarted, State("cache-0"));
        Assert.DoesNotContain("start cache-0", _orchestrator.Calls);
    }

    [Fact]
    public async Task StartAsync_WhileItWaits_StartsOnce()
    {
        Run();
        await Eventually.HoldsAsync(() => State("cache-0") == ResourceState.Waiting);

        await _suite.Find("cache-0")!.StartAsync(default);
        _orchestrator.SetHealthy("control-0");
        await Eventually.HoldsAsync(() => State("cache-1") == ResourceState.Running);

        Assert.Single(_orchestrator.Calls, "start cache-0");
    }

    [Fact]
    public async Task RestartAsync_Running_StopsThenStarts()
    {
        Run();
        await Eventually.HoldsAsync(() => State("control-0") == ResourceState.Running);

        await _suite.Find("control-0")!.RestartAsync(default);

        Assert.Equal(["start control-0", "stop control-0", "start control-0"], _orchestrator.Calls.Where(c => c.EndsWith("control-0", StringComparison.Ordinal)));
        Assert.Equal(ResourceState.Running, State("control-0"));
    }

    [Fact]
    public async Task StopAsync_Suite_EndsThoseFirstWhomNobodyNeeds()
    {
        Run();
        foreach (var instance in new[] { "kafka-0", "control-0", "cache-0", "cache-1", "edge-0" })
        {
            _orchestrator.SetHealthy(instance);
        }

        await Eventually.HoldsAsync(() => Snapshot("edge-0").IsHealthy);
        await _ended.CancelAsync();
        await _suite.StopAsync(default);

        var stops = _orchestrator.Calls.Where(c => !c.StartsWith("start", StringComparison.Ordinal)).ToList();
        Assert.Equal("stop edge-0", stops[0]);
        Assert.Equal(["stop cache-0", "stop cache-1"], stops[1..3].Order());
        Assert.Equal(["stop control-0", "stop kafka-0"], stops[3..5].Order());
        Assert.Equal("shutdown", stops[^1]);
    }

    private void Run() => _run = _suite.RunAsync(_ended.Token);

    private ResourceSnapshot Snapshot(string name) => _suite.Catalog.All().Single(s => s.Name == name);

    private ResourceState State(string name) => Snapshot(name).State;
}
