using Zilla.AppHost.Hosting.Dashboard;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;
using Zilla.AppHost.Tests.Planning;
using Wire = Zilla.AppHost.Hosting.Dashboard.Wire;

namespace Zilla.AppHost.Tests.Dashboard;

public sealed class ResourceMessagesTests
{
    private static readonly DashboardSecrets Secrets = new("browser-secret", "otlp-secret", "service-secret");

    private readonly SampleModel _model = new();
    private readonly ApplicationPlan _plan;

    public ResourceMessagesTests()
    {
        _model.Builder.AddDashboard("/opt/dashboard", Secrets, "http://127.0.0.1:1");
        _plan = ApplicationPlan.Create(_model.Builder, new PortAllocator(new Random(1)));
    }

    [Fact]
    public void ToMessage_Service_HasItsPlaceInTheGraph()
    {
        var message = ToMessage(Snapshot("edge-0"));

        Assert.Equal("edge-0", message.Name);
        Assert.Equal("edge", message.DisplayName);
        Assert.Equal("Project", message.ResourceType);
        Assert.Equal(
            [("cache", "Reference"), ("cache", "WaitFor"), ("control", "Reference")],
            message.Relationships.Select(r => (r.ResourceName, r.Type)).Order());
    }

    [Fact]
    public void ToMessage_AnyResource_ShowsNoSecret()
    {
        foreach (var instance in _plan.Instances)
        {
            var text = ToMessage(Snapshot(instance.Name)).ToString();

            Assert.DoesNotContain("-secret", text, StringComparison.Ordinal);
        }

        // They are there, though, for the processes themselves.
        Assert.Contains(_plan.Instances.Single(i => i.Name == "edge-0").Environment, v => v is { Value: "x-otlp-api-key=otlp-secret", IsSecret: true });
        Assert.Contains(_plan.Instances.Single(i => i.Name == "aspire-dashboard-0").Environment, v => v is { Value: "service-secret", IsSecret: true });
    }

    [Fact]
    public void ToMessage_EnvironmentThatIsNoSecret_IsShown() =>
        Assert.Contains(ToMessage(Snapshot("edge-0")).Environment, v => v is { Name: "Zilla__Instance", Value: "edge-0", IsFromSpec: true });

    [Theory]
    [InlineData(nameof(ResourceState.Running), "stop,restart")]
    [InlineData(nameof(ResourceState.Finished), "start")]
    [InlineData(nameof(ResourceState.FailedToStart), "start")]
    [InlineData(nameof(ResourceState.Waiting), "start,stop")]
    [InlineData(nameof(ResourceState.Stopping), "")]
    public void ToMessage_State_OffersTheCommandsThatMakeSense(string state, string offered)
    {
        var message = ToMessage(Snapshot("edge-0") with { State = Enum.Parse<ResourceState>(state) });

        Assert.Equal(offered, string.Join(',', message.Commands.Where(c => c.State == Wire.ResourceCommandState.Enabled).Select(c => c.Name)));
    }

    [Fact]
    public void ToMessage_Health_UntilLookedAtThereIsNoStatus()
    {
        var message = ToMessage(Snapshot("edge-0") with
        {
            Health = [new HealthReport("a", null), new HealthReport("b", HealthStatus.Healthy), new HealthReport("c", HealthStatus.Unhealthy, "no broker"), new HealthReport("d", HealthStatus.Degraded)],
        });

        Assert.False(message.HealthReports[0].HasStatus);
        Assert.Equal(Wire.HealthStatus.Healthy, message.HealthReports[1].Status);
        Assert.True(message.HealthReports[1].HasStatus);
        Assert.Equal((Wire.HealthStatus.Unhealthy, "no broker"), (message.HealthReports[2].Status, message.HealthReports[2].Description));
        Assert.Equal(Wire.HealthStatus.Degraded, message.HealthReports[3].Status);
    }

    [Fact]
    public void ToMessage_Urls_ClientAddressesStandOutAndAreReachable()
    {
        var urls = ToMessage(Snapshot("edge-0") with { State = ResourceState.Running, ClientUrls = ["http://0.0.0.0:7114"] }).Urls;

        Assert.Equal(["http://localhost:7114/"], urls.Where(u => !u.IsInternal).Select(u => u.FullUrl));
        Assert.Equal(["http"], urls.Where(u => u.IsInternal).Select(u => u.EndpointName));
        Assert.DoesNotContain(urls, u => u.IsInactive);
    }

    [Fact]
    public void ToMessage_Dashboard_IsHiddenAndHasNoCommands()
    {
        var message = ToMessage(Snapshot("aspire-dashboard-0"));

        Assert.True(message.IsHidden);
        Assert.Empty(message.Commands);
    }

    private ResourceSnapshot Snapshot(string instance)
    {
        var planned = _plan.Instances.Single(i => i.Name == instance);
        return new ResourceSnapshot(instance, planned.Resource) { Instance = planned };
    }

    private Wire.Resource ToMessage(ResourceSnapshot snapshot) => ResourceMessages.ToMessage(snapshot, _plan);
}
