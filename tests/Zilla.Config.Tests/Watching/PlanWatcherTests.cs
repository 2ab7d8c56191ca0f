using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;
using Zilla.Config.Watching;
using Zilla.Testing;

namespace Zilla.Config.Tests.Watching;

public sealed class PlanWatcherTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("zilla-plan-").FullName;
    private readonly int _port = FreePort.Next();

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public async Task Watch_Plan_IsAppliedAndReported()
    {
        await using var control = await FakeControl.StartAsync(_port);
        await using var service = await WatchingService.StartAsync(_port);
        Assert.Equal(HealthStatus.Unhealthy, (await service.HealthAsync()).Status);

        control.Send("a", Plan(1, 7114));
        await Eventually.HoldsAsync(() => control.Outcomes.Count == 1);

        Assert.Equal([1], service.Applier.Revisions);
        Assert.Equal(Verdict.Applied, control.Outcomes.Single().Verdict);
        var hello = control.Hellos.Single();
        Assert.Equal(("edge-http", "edge-http-0", "http://127.0.0.1:1"), (hello.Service, hello.Instance, hello.Address));
        Assert.Null(hello.Applied);
        Assert.Equal((HealthStatus.Healthy, "plan 1 is in force"), await service.HealthAsync());
    }

    [Fact]
    public async Task Watch_SameBodyUnderNewRevision_IsNotAppliedAgain()
    {
        await using var control = await FakeControl.StartAsync(_port);
        await using var service = await WatchingService.StartAsync(_port);

        control.Send("a", Plan(1, 7114));
        control.Send("a", Plan(2, 7114));
        control.Send("a", Plan(3, 7115));
        await Eventually.HoldsAsync(() => control.Outcomes.Count == 3);

        Assert.Equal([1, 3], service.Applier.Revisions);
        Assert.All(control.Outcomes, outcome => Assert.Equal(Verdict.Applied, outcome.Verdict));
    }

    [Fact]
    public async Task Watch_OlderRevisionOfTheSameEpoch_IsLeftAside()
    {
        await using var control = await FakeControl.StartAsync(_port);
        await using var service = await WatchingService.StartAsync(_port);

        control.Send("a", Plan(7, 7114));
        control.Send("a", Plan(6, 7115));
        control.Send("b", Plan(1, 7116));
        await Eventually.HoldsAsync(() => control.Outcomes.Count == 3);

        Assert.Equal([7, 1], service.Applier.Revisions);
        Assert.Equal([Verdict.Applied, Verdict.Superseded, Verdict.Applied], control.Outcomes.Select(outcome => outcome.Verdict));
    }

    [Fact]
    public async Task Watch_RefusedPlan_LeavesTheOneBeforeInForce()
    {
        await using var control = await FakeControl.StartAsync(_port);
        await using var service = await WatchingService.StartAsync(_port);
        service.Applier.Objection = plan => plan.Revision switch
        {
            2 => new PlanRefusedException("port 7115 is taken"),
            3 => new InvalidOperationException("a fault"),
            _ => null,
        };

        control.Send("a", Plan(1, 7114));
        control.Send("a", Plan(2, 7115));
        await Eventually.HoldsAsync(() => control.Outcomes.Count == 2);
        Assert.Equal((HealthStatus.Degraded, "plan 1 is in force; plan 2 is refused: port 7115 is taken"), await service.HealthAsync());
        Assert.Equal((Verdict.Refused, "port 7115 is taken"), (control.Outcomes.Last().Verdict, control.Outcomes.Last().Reason));

        control.Send("a", Plan(3, 7116));
        control.Send("a", 4, "{\"revision\":4,\"namespace\":\"n\",\"surprise\":1}"u8.ToArray());
        control.Send("a", 5, "not json"u8.ToArray());
        await Eventually.HoldsAsync(() => control.Outcomes.Count == 5);
        Assert.All(control.Outcomes.Skip(1), outcome => Assert.Equal(Verdict.Refused, outcome.Verdict));
        Assert.Contains("surprise", control.Outcomes.ElementAt(3).Reason, StringComparison.Ordinal);

        control.Send("a", Plan(6, 7114));
        await Eventually.HoldsAsync(() => control.Outcomes.Count == 6);
        Assert.Equal([1], service.Applier.Revisions);
        Assert.Equal((HealthStatus.Healthy, "plan 6 is in force"), await service.HealthAsync());
    }

    [Fact]
    public async Task Watch_NoPlan_IsTheReasonForNotBeingReady()
    {
        await using var control = await FakeControl.StartAsync(_port);
        await using var service = await WatchingService.StartAsync(_port);

        control.SendNone("12 errors in zilla.yaml");
        await Eventually.HoldsAsync(async () => (await service.HealthAsync()).Description == "Control has no plan: 12 errors in zilla.yaml");

        Assert.Equal(HealthStatus.Unhealthy, (await service.HealthAsync()).Status);
        Assert.Empty(control.Outcomes);
    }

    [Fact]
    public async Task Watch_ControlComesBack_IsToldWhatIsInForce()
    {
        await using var service = await WatchingService.StartAsync(_port);
        await using (var control = await FakeControl.StartAsync(_port))
        {
            control.Send("a", Plan(4, 7114));
            await Eventually.HoldsAsync(() => control.Outcomes.Count == 1);
        }

        await using var again = await FakeControl.StartAsync(_port);
        await Eventually.HoldsAsync(() => !again.Hellos.IsEmpty);
        Assert.Equal(new PlanId { Epoch = "a", Revision = 4 }, again.Hellos.First().Applied);
    }

    [Fact]
    public async Task Start_WithoutControl_StartsFromTheKeptPlan()
    {
        await KeepPlanAsync(Plan(4, 7114));
        Assert.Equal(["edge-http-0.plan.json"], Directory.GetFiles(_state).Select(Path.GetFileName));

        await using (var service = await WatchingService.StartAsync(_port, _state, grace: TimeSpan.Zero))
        {
            await Eventually.HoldsAsync(() => service.Applier.Revisions is [4]);
            await Eventually.HoldsAsync(async () => (await service.HealthAsync()).Status == HealthStatus.Healthy);

            // Control comes back with the same plan: nothing to do, and says so.
            await using var control = await FakeControl.StartAsync(_port);
            control.Send("a", Plan(4, 7114));
            await Eventually.HoldsAsync(() => control.Outcomes.Any(outcome => outcome.Verdict == Verdict.Applied));
            Assert.Equal([4], service.Applier.Revisions);
        }

        await using var unconnected = await WatchingService.StartAsync(null, _state);
        await Eventually.HoldsAsync(() => unconnected.Applier.Revisions is [4]);
    }

    [Fact]
    public async Task Start_WithControlButNoPlan_DoesNotStartFromTheKeptPlan()
    {
        await KeepPlanAsync(Plan(4, 7114));
        await using var control = await FakeControl.StartAsync(_port);
        control.SendNone("the file is empty");
        await using var service = await WatchingService.StartAsync(_port, _state, grace: TimeSpan.Zero);

        await Eventually.HoldsAsync(async () => (await service.HealthAsync()).Description.Contains("the file is empty", StringComparison.Ordinal));
        Assert.Empty(service.Applier.Revisions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"service\":\"edge-http\",\"epoch\":\"a\",\"plan\":{\"revision\":4,")]
    [InlineData("{\"service\":\"edge-http\",\"epoch\":\"a\",\"plan\":null}")]
    [InlineData("{\"service\":\"kafka-cache\",\"epoch\":\"a\",\"plan\":{\"revision\":4,\"namespace\":\"n\"}}")]
    [InlineData("{\"service\":\"edge-http\",\"epoch\":\"a\",\"plan\":{\"revision\":4,\"namespace\":\"n\",\"bindings\":[{\"name\":\"x\"}]}}")]
    public async Task Start_CorruptKeptPlan_IsSkippedAndReplaced(string content)
    {
        var path = Path.Combine(_state, "edge-http-0.plan.json");
        await File.WriteAllTextAsync(path, content);
        await using var service = await WatchingService.StartAsync(_port, _state, grace: TimeSpan.Zero);
        await Eventually.HoldsAsync(async () => (await service.HealthAsync()).Description.Contains("cannot be reached", StringComparison.Ordinal));
        Assert.Empty(service.Applier.Revisions);

        await using var control = await FakeControl.StartAsync(_port);
        control.Send("a", Plan(5, 7114));
        await Eventually.HoldsAsync(() => service.Applier.Revisions is [5]);
        await Eventually.HoldsAsync(() => File.ReadAllText(path).Contains("\"revision\":5", StringComparison.Ordinal));
    }

    private async Task KeepPlanAsync(ServicePlan plan)
    {
        var port = FreePort.Next();
        await using var control = await FakeControl.StartAsync(port);
        await using var service = await WatchingService.StartAsync(port, _state);
        control.Send("a", plan);
        await Eventually.HoldsAsync(() => control.Outcomes.Count == 1);
    }

    private static ServicePlan Plan(long revision, int port) => new()
    {
        Revision = revision,
        Namespace = "n",
        Listeners = [new ListenerPlan { Binding = "tcp0", Host = "127.0.0.1", Ports = [port] }],
    };
}
