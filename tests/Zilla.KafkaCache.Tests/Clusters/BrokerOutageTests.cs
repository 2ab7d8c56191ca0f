using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;
using Bound = Zilla.Streams.V1.KafkaFetch.Types.Bound;

namespace Zilla.KafkaCache.Tests.Clusters;

public sealed class BrokerOutageTests
{
    [Fact]
    public async Task Start_NoBroker_RefusesWithUnavailableAndIsUnhealthy()
    {
        await using var replica = await CacheReplica.StartAsync($"127.0.0.1:{FreePort.Next()}", bootstrap: ["items"]);

        var fetch = await replica.Fetch("items").BrokenAsync();
        var produce = await Assert.ThrowsAsync<StreamBrokenException>(() => replica.Produce("items").SendAsync("a", "1"));

        Assert.Equal((Cause.Unavailable, Cause.Unavailable), (fetch.Cause, produce.Cause));
        Assert.Equal(TimeSpan.FromSeconds(1), fetch.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(1), produce.RetryAfter);
        Assert.Equal(HealthStatus.Unhealthy, await replica.HealthAsync());
        await replica.Clusters.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Outage_DownThenUp_LiveReadersAndProducersGoOnByThemselves()
    {
        await using var broker = await KafkaBroker.StartDevKafkaAsync();
        var topic = await broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(broker.BootstrapServers);
        await replica.Produce(topic).SendAsync("a", "1");
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live });
        await reader.UntilAsync(r => r.Records.Count == 1);

        await broker.KillAsync();
        await Eventually.HoldsAsync(async () => await replica.HealthAsync() == HealthStatus.Unhealthy);
        Assert.Equal(Cause.Unavailable, (await Assert.ThrowsAsync<StreamBrokenException>(() => replica.Produce(topic).SendAsync("a", "lost"))).Cause);
        Assert.Equal(["0/0:a=1"], (await replica.Fetch(topic).ToEndAsync()).Records); // what is held is still served

        await broker.RestartAsync();
        await Eventually.HoldsAsync(async () => await replica.HealthAsync() == HealthStatus.Healthy);
        await replica.Produce(topic).SendAsync("a", "2");

        await reader.UntilAsync(r => r.Records.Count == 2);
        Assert.Equal("0/1:a=2", reader.Records[1]);
        Assert.Contains(replica.Log.Lines, line => line.Contains("no broker answers", StringComparison.Ordinal));
        Assert.Contains(replica.Log.Lines, line => line.StartsWith("Debug", StringComparison.Ordinal) && line.Contains("consumer [FAIL]", StringComparison.Ordinal));
    }
}
