using Grpc.Core;
using Grpc.Net.Client;
using Zilla.AppHost.Hosting.Dashboard.Wire;
using Zilla.Testing;

namespace Zilla.AppHost.Tests.Processes;

/// <summary>What the dashboard does, done by a client of our own to the real thing.</summary>
[Collection("processes")]
public sealed class ResourceServiceTests
{
    private const string Key = "key-of-this-test";
    private const string Edge = "edge-http-0";

    [RequiresBundleFact]
    public async Task ResourceService_RunningSuite_ShowsAndCommandsIt()
    {
        var address = $"http://127.0.0.1:{FreePort.Next()}";
        await using var suite = await RunningSuite.StartAsync([], new Dictionary<string, string?>
        {
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = address,
            ["AppHost__ResourceService__ApiKey"] = Key,
            ["AppHost__BrowserToken"] = "browser-token-of-this-test",
        });
        using var channel = GrpcChannel.ForAddress(address);
        var client = new DashboardService.DashboardServiceClient(channel);

        await RefusesStrangersAsync(client);
        await LetsTheBrowserInWithItsTokenOnlyAsync(suite);
        var edge = await ShowsTheSuiteAsync(client);
        await GivesConsoleLogsAsync(client);
        await StopsAndStartsAsync(client, suite, edge);
    }

    private static async Task RefusesStrangersAsync(DashboardService.DashboardServiceClient client)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.GetApplicationInformationAsync(new(), new Metadata { { "x-resource-service-api-key", "wrong" } }));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        refused = await Assert.ThrowsAsync<RpcException>(async () => await client.GetApplicationInformationAsync(new()));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    private static async Task LetsTheBrowserInWithItsTokenOnlyAsync(RunningSuite suite)
    {
        var line = await suite.Process.WaitForLineAsync("/login?t=browser-token-of-this-test");
        var link = new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });

        using var stranger = await http.GetAsync(new Uri(link, "/"));
        Assert.Contains("/login", stranger.Headers.Location?.ToString(), StringComparison.Ordinal);
        using var known = await http.GetAsync(link);
        Assert.DoesNotContain("/login", known.Headers.Location?.ToString() ?? "", StringComparison.Ordinal);
        Assert.NotEmpty(known.Headers.GetValues("Set-Cookie"));
    }

    private static async Task<Resource> ShowsTheSuiteAsync(DashboardService.DashboardServiceClient client)
    {
        var resources = await ResourcesAsync(client);

        Assert.Equal(
            ["aspire-dashboard-0", "config", "control-0", "edge-grpc-0", Edge, "edge-mqtt-0", "kafka-0", "kafka-cache-0"],
            resources.Select(r => r.Name).Order(StringComparer.Ordinal));
        Assert.All(resources, r => Assert.Equal("Running", r.State));
        Assert.All(resources.SelectMany(r => r.HealthReports), r => Assert.Equal(HealthStatus.Healthy, r.Status));
        Assert.All(resources, r => Assert.DoesNotContain(Key, r.ToString(), StringComparison.Ordinal));
        return resources.Single(r => r.Name == Edge);
    }

    private static async Task GivesConsoleLogsAsync(DashboardService.DashboardServiceClient client)
    {
        using var call = client.WatchResourceConsoleLogs(new() { ResourceName = Edge, SuppressFollow = true }, Headers());
        var lines = await call.ResponseStream.ReadAllAsync().SelectMany(u => u.LogLines).ToListAsync();

        Assert.Contains(lines, l => l.Text.Contains("Application started", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, lines.Count), lines.Select(l => l.LineNumber));
    }

    private static async Task StopsAndStartsAsync(DashboardService.DashboardServiceClient client, RunningSuite suite, Resource edge)
    {
        var first = ProcessId(edge);
        Assert.Contains(first, suite.Processes().Keys);

        await CommandAsync(client, "stop");
        var stopped = (await ResourcesAsync(client)).Single(r => r.Name == Edge);
        Assert.Contains(stopped.State, new[] { "Finished", "Exited" });
        Assert.DoesNotContain(first, suite.Processes().Keys);

        await CommandAsync(client, "start");
        var started = await RunningAgainAsync(client, first);
        Assert.Equal(edge.Urls.Where(u => u.IsInternal), started.Urls.Where(u => u.IsInternal));

        await CommandAsync(client, "restart");
        await RunningAgainAsync(client, ProcessId(started));

        var unknown = await client.ExecuteResourceCommandAsync(new() { CommandName = "explode", ResourceName = Edge }, Headers());
        Assert.Equal(ResourceCommandResponseKind.Failed, unknown.Kind);
    }

    private static async Task<Resource> RunningAgainAsync(DashboardService.DashboardServiceClient client, int previous)
    {
        Resource? found = null;
        await Eventually.HoldsAsync(async () =>
        {
            found = (await ResourcesAsync(client)).Single(r => r.Name == Edge);
            return found.State == "Running" && ProcessId(found) != previous && found.HealthReports.All(h => h.HasStatus && h.Status == HealthStatus.Healthy);
        });
        return found!;
    }

    private static async Task CommandAsync(DashboardService.DashboardServiceClient client, string command)
    {
        var response = await client.ExecuteResourceCommandAsync(new() { CommandName = command, ResourceName = Edge, ResourceType = "Project" }, Headers());
        Assert.True(response.Kind == ResourceCommandResponseKind.Succeeded, $"{command}: {response}");
    }

    private static async Task<IReadOnlyList<Resource>> ResourcesAsync(DashboardService.DashboardServiceClient client)
    {
        using var call = client.WatchResources(new(), Headers());
        Assert.True(await call.ResponseStream.MoveNext(default));
        return call.ResponseStream.Current.InitialData.Resources;
    }

    private static int ProcessId(Resource resource) =>
        int.Parse(resource.Properties.SingleOrDefault(p => p.Name == "executable.pid")?.Value.StringValue ?? "0", System.Globalization.CultureInfo.InvariantCulture);

    private static Metadata Headers() => new() { { "x-resource-service-api-key", Key } };
}
