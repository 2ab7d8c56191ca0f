using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Config.Plans;
using Zilla.Config.Watching;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Conversion;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Clusters;

public sealed class CachePlanApplierTests
{
    private readonly string _nowhere = $"127.0.0.1:{FreePort.Next()}";

    [Fact]
    public async Task Apply_NewChangedAndRemovedClusters_LeavesTheUntouchedRunning()
    {
        await using var replica = await CacheReplica.StartAsync(_nowhere);
        var applier = new CachePlanApplier(replica.Clusters);
        await applier.ApplyAsync(Plan(Cluster("kept"), Cluster("changed"), Cluster("removed")), CancellationToken.None);
        var (kept, changed, removed) = (replica.Clusters.Find("kept"), replica.Clusters.Find("changed"), replica.Clusters.Find("removed"));

        await applier.ApplyAsync(Plan(Cluster("kept"), Cluster("changed", "items"), Cluster("new")), CancellationToken.None);

        Assert.Same(kept, replica.Clusters.Find("kept"));
        Assert.False(kept!.Stopping.IsCancellationRequested);
        Assert.NotSame(changed, replica.Clusters.Find("changed"));
        Assert.True(changed!.Stopping.IsCancellationRequested && removed!.Stopping.IsCancellationRequested);
        Assert.Equal(["changed", "kept", "new"], replica.Clusters.All.Select(cluster => cluster.Name).Order());
        Assert.Null(replica.Clusters.Find(CacheReplica.ClusterName));
        Assert.Equal(Cause.UnknownCluster, (await replica.Fetch("items").BrokenAsync()).Cause);
    }

    [Fact]
    public async Task Apply_ClusterWithoutServersOrTwice_IsRefused()
    {
        await using var replica = await CacheReplica.StartAsync(_nowhere);
        var applier = new CachePlanApplier(replica.Clusters);

        await Assert.ThrowsAsync<PlanRefusedException>(() => applier.ApplyAsync(Plan(new ClusterPlan { Name = "a", Servers = [] }), CancellationToken.None));
        await Assert.ThrowsAsync<PlanRefusedException>(() => applier.ApplyAsync(Plan(Cluster("a"), Cluster("a")), CancellationToken.None));
        Assert.NotNull(replica.Clusters.Find(CacheReplica.ClusterName));
    }

    [Fact]
    public async Task Apply_PlanThatTheClientLibraryRefuses_KeepsWhatIsServed()
    {
        var made = new List<Cluster>();
        var clusters = new ClusterRegistry(plan =>
        {
            var cluster = plan.Bootstrap.Contains("bad") ? throw new InvalidOperationException("no such setting")
                : new Cluster(plan, "test", new CacheOptions(), new MemoryBudget(1 << 20), IRecordConversion.None, TimeProvider.System, NullLogger.Instance);
            made.Add(cluster);
            return cluster;
        });
        var applier = new CachePlanApplier(clusters);
        await applier.ApplyAsync(Plan(Cluster("a")), CancellationToken.None);

        var refused = await Assert.ThrowsAsync<PlanRefusedException>(() => applier.ApplyAsync(Plan(Cluster("b"), Cluster("a", "bad")), CancellationToken.None));

        Assert.Equal("a: no such setting", refused.Message);
        Assert.Same(made[0], Assert.Single(clusters.All));
        Assert.Equal([false, true], made.Select(cluster => cluster.Stopping.IsCancellationRequested));
        await clusters.StopAsync();
    }

    [Fact]
    public async Task Apply_AllowedTopics_RefusesStreamsOfOthers_ForReadersAndWriters()
    {
        await using var replica = await CacheReplica.StartAsync(_nowhere);
        var applier = new CachePlanApplier(replica.Clusters);
        await applier.ApplyAsync(Plan(Cluster(CacheReplica.ClusterName) with { AllowedTopics = ["orders-*", "items"] }), CancellationToken.None);

        Assert.True(replica.Cluster.Plan.Allows("items") && replica.Cluster.Plan.Allows("orders-eu"));
        Assert.Contains("secrets", (await replica.Fetch("secrets").BrokenAsync()).Message, StringComparison.Ordinal);
        var produced = await Assert.ThrowsAsync<StreamBrokenException>(() => replica.Produce("orders").SendAsync("a", "1"));
        Assert.Equal(Cause.UnknownTopic, produced.Cause);
    }

    private ClusterPlan Cluster(string name, params string[] bootstrap) => new() { Name = name, Servers = [_nowhere], Bootstrap = bootstrap };

    private static ServicePlan Plan(params ClusterPlan[] clusters) => new() { Revision = 1, Namespace = "test", CachedClusters = clusters };
}
