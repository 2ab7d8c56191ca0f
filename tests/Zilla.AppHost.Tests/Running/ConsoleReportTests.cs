using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Reporting;
using Zilla.AppHost.Hosting.Running;
using Zilla.AppHost.Tests.Planning;

namespace Zilla.AppHost.Tests.Running;

public sealed class ConsoleReportTests
{
    [Fact]
    public async Task Degraded_IsHealthy_AndSaysWhatIsNot_AndWhenItIsOver()
    {
        var model = new SampleModel();
        await using var orchestrator = new FakeOrchestrator();
        await using var output = new StringWriter { NewLine = "\n" };
        var catalog = new ResourceCatalog();
        var report = new ConsoleReport(output, ApplicationPlan.Create(model.Builder, new PortAllocator(new Random(1))), orchestrator, loginLink: null, TimeProvider.System);
        foreach (var (status, description) in new[] { (HealthStatus.Healthy, "revision 1"), (HealthStatus.Degraded, "revision 1 is in force; 4:1: no such key"), (HealthStatus.Healthy, "revision 2") })
        {
            catalog.Publish(new ResourceSnapshot("control-0", model.Control) { State = ResourceState.Running, Health = [new("configuration", status, description)] });

            // It tells what is there, and does not wait for more.
            await report.RunAsync(catalog, new CancellationToken(canceled: true));
        }

        Assert.Equal(
            ["healthy", "healthy  but configuration: revision 1 is in force; 4:1: no such key", "healthy"],
            output.ToString().Split('\n').Where(line => line.StartsWith("  control-0", StringComparison.Ordinal)).Select(line => line["  control-0".Length..].Trim()));
    }
}
