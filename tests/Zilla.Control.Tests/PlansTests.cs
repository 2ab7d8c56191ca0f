using System.Net;
using Zilla.Config.Plans;
using Zilla.Testing;

namespace Zilla.Control.Tests;

/// <summary>Control and the services that watch it, over real connections on loopback.</summary>
public sealed class PlansTests : IDisposable
{
    private readonly ControlPlace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Watch_Service_GetsItsPlanAndIsShownAsApplied()
    {
        Write(port: 7114);
        await using var control = await _place.StartAsync();
        await using var edge = await EdgeProcess.StartAsync(_place.Grpc);
        await using var cache = await EdgeProcess.StartAsync(_place.Grpc, ServiceNames.KafkaCache);

        await Eventually.HoldsAsync(async () => (await InstancesAsync(control)) is ["edge-http-0 Applied 1", "kafka-cache-0 Applied 1"]);

        var plan = edge.Notes.Plans.Single();
        Assert.Equal([7114], plan.Listeners.Single().Ports);
        Assert.Equal("cache_server", plan.Clusters["cache_client"]);
        Assert.Equal(["127.0.0.1:9092"], cache.Notes.Plans.Single().CachedClusters.Single().Servers);
        Assert.Equal(HttpStatusCode.OK, (await control.GetAsync("/readyz")).Status);
        Assert.Equal((HttpStatusCode.OK, File.ReadAllText(_place.Config)), await control.GetAsync("/config"));
    }

    [Fact]
    public async Task Reload_GoodThenBadThenGood_KeepsTheLastGoodOneInForce()
    {
        Write(port: 7114);
        await using var control = await _place.StartAsync();
        await using var edge = await EdgeProcess.StartAsync(_place.Grpc);
        await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 1);

        Write(port: 7115);
        await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 2);
        Assert.Equal((2, 7115), (edge.Notes.Plans[1].Revision, edge.Notes.Plans[1].Listeners.Single().Ports.Single()));

        WholeFile.Write(_place.Config, "name: test\nbindings:\n  tcp0:\n    type: tcp\n    kind: server\n    options: {port: 7116}\n    exit: nowhere\n");
        await Eventually.HoldsAsync(async () => (await control.StatusAsync()).GetProperty("errors").GetArrayLength() == 1);
        var status = await control.StatusAsync();
        Assert.Equal(2, status.GetProperty("revision").GetInt64());
        Assert.Equal("no binding is named 'nowhere'", status.GetProperty("errors")[0].GetProperty("message").GetString());
        Assert.Equal((7, 11), (status.GetProperty("errors")[0].GetProperty("line").GetInt32(), status.GetProperty("errors")[0].GetProperty("column").GetInt32()));
        var (ready, health) = await control.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready);
        Assert.Contains("Degraded", health, StringComparison.Ordinal);

        Write(port: 7117);
        await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 3);
        Assert.Equal([1, 2, 3], edge.Notes.Plans.Select(plan => plan.Revision));
        Assert.Equal(0, (await control.StatusAsync()).GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task Reload_NothingButComments_KeepsTheRevision()
    {
        Write(port: 7114);
        await using var control = await _place.StartAsync();
        await Eventually.HoldsAsync(async () => await control.RevisionAsync() == 1);

        File.AppendAllText(_place.Config, "# nothing\n");
        await Eventually.HoldsAsync(async () => (await control.GetAsync("/config")).Body.Contains("# nothing", StringComparison.Ordinal));
        Assert.Equal(1, await control.RevisionAsync());
    }

    [Fact]
    public async Task Start_BadConfiguration_GivesNoPlanAndSaysWhy()
    {
        WholeFile.Write(_place.Config, "name: test\nbindngs: {}\n");
        await using var control = await _place.StartAsync();
        await using var edge = await EdgeProcess.StartAsync(_place.Grpc);

        await Eventually.HoldsAsync(async () => (await InstancesAsync(control)) is ["edge-http-0 Waiting "]);
        var (ready, health) = await control.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        Assert.Contains("2:1: unknown key", health, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await control.GetAsync("/healthz")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await control.GetAsync("/config")).Status);
        Assert.Empty(edge.Notes.Plans);

        Write(port: 7114);
        await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 1);
    }

    [Fact]
    public async Task Restart_OfControl_NeverGoesBackAndAppliesNothingTwice()
    {
        Write(port: 7114);
        await using var edge = await EdgeProcess.StartAsync(_place.Grpc);
        await using (var control = await _place.StartAsync())
        {
            await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 1);
            Write(port: 7115);
            await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 2);
        }

        // The same configuration again: the same revision, and nothing to do for the edge.
        await using (var control = await _place.StartAsync())
        {
            await Eventually.HoldsAsync(async () => (await InstancesAsync(control)) is ["edge-http-0 Applied 2"]);
            Assert.Equal(2, edge.Notes.Plans.Count);
        }

        // Changed while Control was away.
        Write(port: 7116);
        await using (var control = await _place.StartAsync())
        {
            await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 3);
            Assert.Equal(3, edge.Notes.Plans[2].Revision);
        }

        // Control loses its state: revisions start over in a new epoch, and the edge follows.
        Directory.Delete(_place.State, recursive: true);
        Write(port: 7117);
        await using (var control = await _place.StartAsync())
        {
            await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 4);
            Assert.Equal((1, 7117), (edge.Notes.Plans[3].Revision, edge.Notes.Plans[3].Listeners.Single().Ports.Single()));
        }
    }

    [Fact]
    public async Task Restart_OfEverythingWithABrokenFile_StartsServicesFromWhatRanBefore()
    {
        var kept = Path.Combine(_place.Folder, "edge");
        Write(port: 7114);
        await using (var control = await _place.StartAsync())
        await using (var edge = await EdgeProcess.StartAsync(_place.Grpc, state: kept))
        {
            await Eventually.HoldsAsync(async () => (await InstancesAsync(control)) is ["edge-http-0 Applied 1"]);
        }

        WholeFile.Write(_place.Config, "name: [");
        await using (var control = await _place.StartAsync())
        await using (var edge = await EdgeProcess.StartAsync(_place.Grpc, state: kept))
        {
            await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 1);
            Assert.Equal([7114], edge.Notes.Plans.Single().Listeners.Single().Ports);
        }

        // Another file altogether: what ran before has nothing to do with it.
        var other = Path.Combine(_place.Folder, "other.yaml");
        WholeFile.Write(other, "name: [");
        await using (var control = await ControlProcess.StartAsync(other, _place.Http, _place.Grpc, _place.State))
        await using (var edge = await EdgeProcess.StartAsync(_place.Grpc, state: kept))
        {
            await Eventually.HoldsAsync(async () => (await InstancesAsync(control)) is ["edge-http-0 Waiting "]);
            Assert.Empty(edge.Notes.Plans);
        }
    }

    [Fact]
    public async Task Refuse_Plan_IsShownWithItsReason()
    {
        Write(port: 7114);
        await using var control = await _place.StartAsync();
        await using var edge = await EdgeProcess.StartAsync(_place.Grpc, objection: plan => plan.Listeners[0].Ports[0] == 7115 ? "port 7115 is taken" : null);
        await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 1);

        Write(port: 7115);
        await Eventually.HoldsAsync(async () => (await InstancesAsync(control)) is ["edge-http-0 Refused 1"]);
        var instance = (await control.StatusAsync()).GetProperty("instances")[0];
        Assert.Equal("port 7115 is taken", instance.GetProperty("reason").GetString());
        Assert.Equal(2, instance.GetProperty("refusedRevision").GetInt64());
    }

    [Fact]
    public async Task Disconnect_Service_IsShownAsGone()
    {
        Write(port: 7114);
        await using var control = await _place.StartAsync();
        await using (var edge = await EdgeProcess.StartAsync(_place.Grpc))
        {
            await Eventually.HoldsAsync(async () => (await InstancesAsync(control)) is ["edge-http-0 Applied 1"]);
        }

        await Eventually.HoldsAsync(async () => (await InstancesAsync(control)) is ["edge-http-0 Gone 1"]);
    }

    [Fact]
    public async Task Config_WithSecrets_ShowsWhatIsWrittenOnly()
    {
        Environment.SetEnvironmentVariable("ZILLA_TEST_SERVERS", "secret.example:9092");
        Write(port: 7114, servers: "${{env.ZILLA_TEST_SERVERS}}");
        await using var control = await _place.StartAsync();
        await using var cache = await EdgeProcess.StartAsync(_place.Grpc, ServiceNames.KafkaCache);
        await Eventually.HoldsAsync(() => cache.Notes.Plans.Count == 1);

        Assert.Equal(["secret.example:9092"], cache.Notes.Plans[0].CachedClusters[0].Servers);
        var config = (await control.GetAsync("/config")).Body;
        Assert.Contains("${{env.ZILLA_TEST_SERVERS}}", config, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", config, StringComparison.Ordinal);
    }

    private static async Task<string[]> InstancesAsync(ControlProcess control) =>
    [
        .. (await control.StatusAsync()).GetProperty("instances").EnumerateArray()
            .Select(instance => $"{instance.GetProperty("instance")} {instance.GetProperty("state")} {instance.GetProperty("appliedRevision")}"),
    ];

    private void Write(int port, string servers = "127.0.0.1:9092") => WholeFile.Write(_place.Config, $$$"""
        name: test
        bindings:
          tcp_server: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{port}}}}, exit: http_server}
          http_server: {type: http, kind: server, exit: http_kafka}
          http_kafka:
            type: http-kafka
            kind: proxy
            routes: [{exit: cache_client, with: {capability: fetch, topic: items}}]
          cache_client: {type: kafka, kind: cache_client, exit: cache_server}
          cache_server: {type: kafka, kind: cache_server, exit: kafka_client}
          kafka_client:
            type: kafka
            kind: client
            options:
              servers:
                - {{{servers}}}
            exit: tcp_client
          tcp_client: {type: tcp, kind: client}
        """);
}
