using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Tests.Telemetry;
using Zilla.Streams;
using Zilla.Streams.Mqtt;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>Who owns what, with a real broker.</summary>
public sealed class OwnershipTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private static readonly Dictionary<string, string> Compacted = new() { ["cleanup.policy"] = "compact" };

    [Fact]
    public async Task TwoReplicas_PartitionsAreShared_AndHandedOverWhenOneLeaves()
    {
        var topic = await kafka.Broker.CreateTopicAsync(4, Compacted);
        await using var one = await StartAsync(topic, "one");
        await one.OwnsAsync(4);
        var before = Enumerable.Range(0, 4).Select(partition => one.Partition(partition).Epoch).ToArray();

        await using var two = await StartAsync(topic, "two");
        await Task.WhenAll(one.OwnsAsync(2), two.OwnsAsync(2));

        Assert.Equal([0, 1, 2, 3], one.Owned.Concat(two.Owned).Order());
        foreach (var partition in two.Owned)
        {
            await Eventually.HoldsAsync(() => one.Directory.OwnerOf(partition)?.Instance == "two");
            Assert.True(two.Partition(partition).Epoch > before[partition]);
            Assert.Equal(two.Partition(partition).Epoch, one.Directory.OwnerOf(partition)!.Epoch);
        }

        foreach (var partition in one.Owned)
        {
            Assert.Equal(before[partition], one.Partition(partition).Epoch); // cooperative: what stays is not disturbed
        }

        await one.Replica.Clusters.StopAsync();
        await two.OwnsAsync(4);
        var claims = kafka.Broker.Claims(topic);
        Assert.All(Enumerable.Range(0, 4), partition => Assert.Equal(new("two", two.Partition(partition).Epoch, 4), claims[partition]));
    }

    [Fact]
    public async Task Commit_IsReadAtOnce_AndByTheNextOwner()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1, Compacted);
        var messages = await kafka.Broker.CreateTopicAsync(3);
        await using var one = await StartAsync(topic, "one");
        await one.OwnsAsync(1);
        var owned = one.Partition(0);

        await owned.CommitAsync(
        [
            Record(owned, "a", "1"),
            Record(owned, "a#will", "armed", ("type", "will-signal")),
            new(messages, "sensors/1"u8.ToArray(), "on"u8.ToArray()) { PartitionKey = "identity"u8.ToArray() },
        ], default);

        Assert.Equal("1", await GetAsync(owned, "a"));
        Assert.Equal(["a#will"], await ScanAsync(owned, "will-signal"));
        await owned.CommitAsync([Record(owned, "a", null), Record(owned, "a#will", "due", ("type", "will-signal")), Record(owned, "b#will", "armed", ("type", "will-signal"))], default);
        Assert.Null(await GetAsync(owned, "a"));
        Assert.Null(await GetAsync(owned, "never"));
        Assert.Equal(["a#will", "b#will"], await ScanAsync(owned, "will-signal"));
        Assert.Empty(await ScanAsync(owned, "expiry-signal"));
        Assert.Equal([(Zilla.Streams.Kafka.Murmur2.Partition("identity"u8, 3), "sensors/1=on")], Committed(messages));

        await using var two = await StartAsync(topic, "two");
        await one.Replica.Clusters.StopAsync();
        await two.OwnsAsync(1);

        var next = two.Partition(0);
        Assert.True(next.Epoch > owned.Epoch);
        Assert.Null(await GetAsync(next, "a"));
        Assert.Equal("due", await GetAsync(next, "a#will"));
        Assert.Equal(["a#will", "b#will"], await ScanAsync(next, "will-signal"));
        Assert.True(owned.Lost.IsCancellationRequested);
        Assert.Equal(Cause.NotOwner, (await Assert.ThrowsAsync<StreamBrokenException>(() => owned.CommitAsync([Record(owned, "a", "late")], default))).Cause);
    }

    [Fact]
    public async Task Commit_WhatKafkaRefuses_FailsAlone()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1, Compacted);
        var small = await kafka.Broker.CreateTopicAsync(1, new() { ["max.message.bytes"] = "1000" });
        await using var one = await StartAsync(topic, "one");
        await one.OwnsAsync(1);
        var owned = one.Partition(0);

        var good = Enumerable.Range(0, 20).Select(i => owned.CommitAsync([Record(owned, $"k{i}", "v"), new(small, "k"u8.ToArray(), "v"u8.ToArray())], default)).ToArray();
        var large = owned.CommitAsync([Record(owned, "large", "v"), new(small, "k"u8.ToArray(), new byte[5000])], default);
        var unknown = owned.CommitAsync([Record(owned, "unknown", "v"), new("no such topic!", null, null)], default);
        var more = Enumerable.Range(20, 20).Select(i => owned.CommitAsync([Record(owned, $"k{i}", "v")], default)).ToArray();

        Assert.Equal(Cause.InvalidRecord, (await Assert.ThrowsAsync<StreamBrokenException>(() => large)).Cause);
        Assert.Equal(Cause.UnknownTopic, (await Assert.ThrowsAsync<StreamBrokenException>(() => unknown)).Cause);
        await Task.WhenAll([.. good, .. more]);
        Assert.Equal("v", await GetAsync(owned, "k39"));
        Assert.Null(await GetAsync(owned, "large"));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (0, $"k{i}=v")).Order(), Committed(topic).Order());
        Assert.Equal(20, Committed(small).Count);
    }

    [Fact]
    public async Task Fenced_IsLostAtOnce_AndClaimedAnewWhereItIsStillAssigned()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1, Compacted);
        await using var one = await StartAsync(topic, "one");
        await one.OwnsAsync(1);
        var owned = one.Partition(0);
        await using var stream = one.Replica.Open(new() { Cluster = CacheReplica.ClusterName, SessionsTopic = topic, Epoch = owned.Epoch, Connect = new() { ClientId = "a" } });
        await Eventually.CompletesAsync(stream.ReadAsync().AsTask());

        using var usurper = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, TransactionalId = $"zilla:test-{topic}-{topic}-0" }).Build();
        usurper.InitTransactions(TimeSpan.FromSeconds(30));
        var commit = owned.CommitAsync([Record(owned, "a", "zombie")], default);

        Assert.Equal(Cause.NotOwner, (await Assert.ThrowsAsync<StreamBrokenException>(() => commit)).Cause);
        Assert.Equal(Cause.NotOwner, (await Assert.ThrowsAsync<StreamBrokenException>(() => Eventually.CompletesAsync(stream.ReadAsync().AsTask()))).Cause);
        Assert.True(owned.Lost.IsCancellationRequested);
        await Eventually.HoldsAsync(() => one.Directory.Find(0) is { } again && again.Partition.Epoch > owned.Epoch);
        Assert.Empty(Committed(topic));
    }

    [Fact]
    public async Task AnothersClaim_IsLostAtOnce()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1, Compacted);
        await using var one = await StartAsync(topic, "one");
        await one.OwnsAsync(1);
        var owned = one.Partition(0);

        var claim = new OwnerClaim(0, "two", 1);
        await kafka.Broker.ProduceAsync(OwnersTopic.Of(topic), (0, Encoding.UTF8.GetString(claim.EncodeKey()), Encoding.UTF8.GetString(claim.EncodeValue())));

        await Eventually.HoldsAsync(() => owned.Lost.IsCancellationRequested);
        await Eventually.HoldsAsync(() => one.Directory.Find(0) is { } again && again.Partition.Epoch > owned.Epoch + 1);
    }

    [Fact]
    public async Task Release_WritesWhatTheSessionsHaveToWrite()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1, Compacted);
        await using var one = await StartAsync(topic, "one");
        await one.OwnsAsync(1);
        one.Opened[0].Releasing = token => one.Opened[0].Partition.CommitAsync([Record(one.Opened[0].Partition, "last", "word")], token);

        await one.Replica.Clusters.StopAsync();

        Assert.Equal([(0, "last=word")], Committed(topic));
    }

    [Fact]
    public async Task Topic_NotThere_ThenNotCompacted_ThenRight_IsServed()
    {
        var topic = KafkaBroker.Topic("sessions");
        await using var one = await StartAsync(topic, "one");
        await Eventually.HoldsAsync(() => one.Directory.Problem?.Message == $"Topic {topic} does not exist: sessions need one with cleanup.policy=compact");
        Assert.Equal(HealthStatus.Degraded, (await one.Replica.HealthAsync($"sessions:{CacheReplica.ClusterName}/{topic}")).Status);

        using var admin = kafka.Broker.Admin();
        await admin.CreateTopicsAsync([new() { Name = topic, NumPartitions = 2, ReplicationFactor = 1 }]);
        await Eventually.HoldsAsync(() => one.Directory.Problem?.Message == $"Topic {topic} is not compacted: sessions need cleanup.policy=compact");
        await using var stream = one.Replica.Open(new() { Cluster = CacheReplica.ClusterName, SessionsTopic = topic, Connect = new() { ClientId = "a" } });
        Assert.Equal(Cause.Misconfigured, (await Assert.ThrowsAsync<StreamBrokenException>(() => Eventually.CompletesAsync(stream.ReadAsync().AsTask()))).Cause);

        await admin.IncrementalAlterConfigsAsync(new()
        {
            [new() { Type = Confluent.Kafka.Admin.ResourceType.Topic, Name = topic }] = [new() { Name = "cleanup.policy", Value = "compact", IncrementalOperation = Confluent.Kafka.Admin.AlterConfigOpType.Set }],
        });
        await one.OwnsAsync(2);
        Assert.Equal(2, InstrumentReader.Measure("zilla.mqtt.sessions.partitions", topic));
        Assert.Equal("owns 2 of 2 partitions", (await one.Replica.HealthAsync($"sessions:{CacheReplica.ClusterName}/{topic}")).Description);
    }

    [Fact]
    public async Task Topic_GetsMorePartitions_SessionsStayWhereTheyAre_AlsoForThoseWhoComeLater()
    {
        var topic = await kafka.Broker.CreateTopicAsync(2, Compacted);
        await using var one = await StartAsync(topic, "one");
        await one.OwnsAsync(2);

        await kafka.Broker.GrowAsync(topic, 5);

        var check = $"sessions:{CacheReplica.ClusterName}/{topic}";
        await Eventually.HoldsAsync(async () => (await one.Replica.HealthAsync(check)).Status == HealthStatus.Degraded);
        Assert.Contains("has 5 partitions, and sessions stay in the first 2", (await one.Replica.HealthAsync(check)).Description, StringComparison.Ordinal);
        await one.Replica.Clusters.StopAsync();
        await using var two = await StartAsync(topic, "two");
        await two.OwnsAsync(2);
        Assert.Equal(2, two.Directory.Partitions);
        Assert.Contains("has 5 partitions", (await two.Replica.HealthAsync(check)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owners_NotCompacted_IsRefused()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1, Compacted);
        await kafka.Broker.CreateTopicsAsync([new() { Name = OwnersTopic.Of(topic), NumPartitions = 1, ReplicationFactor = 1 }]);

        await using var one = await StartAsync(topic, "one");

        await Eventually.HoldsAsync(() => one.Directory.Problem is { Cause: Cause.Misconfigured } problem && problem.Message.StartsWith($"Topic {topic}-owners must have cleanup.policy=compact", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Broker_DiesAndComesBack_WhatIsOwnedCanBeWrittenAgain()
    {
        await using var broker = await KafkaBroker.StartDevKafkaAsync();
        var topic = await broker.CreateTopicAsync(2, Compacted);
        await using var one = await OwningReplica.StartAsync(broker.BootstrapServers, topic, "one");
        await one.OwnsAsync(2);
        await one.Partition(0).CommitAsync([Record(one.Partition(0), "a", "before")], default);

        await broker.KillAsync();
        var meanwhile = one.Partition(0).CommitAsync([Record(one.Partition(0), "b", "meanwhile")], default);
        await broker.RestartAsync();

        await Eventually.HoldsAsync(() => meanwhile.IsCompleted, TimeSpan.FromSeconds(60));
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                if (one.Directory.Find(0) is not { Partition: var owned })
                {
                    return false;
                }

                await owned.CommitAsync([Record(owned, "a", "after")], default);
                return await GetAsync(owned, "a") == "after" && (!meanwhile.IsCompletedSuccessfully || await GetAsync(owned, "b") == "meanwhile");
            }
            catch (StreamBrokenException problem) when (problem.Cause == Cause.NotOwner)
            {
                return false; // is being claimed again
            }
        }, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Stop_BrokerIsAway_ComesToAnEnd()
    {
        await using var broker = await KafkaBroker.StartDevKafkaAsync();
        var topic = await broker.CreateTopicAsync(2, Compacted);
        await using var one = await OwningReplica.StartAsync(broker.BootstrapServers, topic, "one");
        await one.OwnsAsync(2);
        await broker.KillAsync();
        var waiting = one.Partition(0).CommitAsync([Record(one.Partition(0), "a", "1")], default);

        await one.Replica.Clusters.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(Cause.NotOwner, (await Assert.ThrowsAsync<StreamBrokenException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(30)))).Cause);
    }

    private static TransactionRecord Record(IOwnedPartition partition, string key, string? value, params (string Name, string Value)[] headers) =>
        TransactionRecord.In(partition, Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value)) with
        {
            Headers = [.. headers.Select(header => KeyValuePair.Create(header.Name, (byte[]?)Encoding.UTF8.GetBytes(header.Value)))],
        };

    private static async Task<string?> GetAsync(IOwnedPartition partition, string key) =>
        await partition.GetAsync(Encoding.UTF8.GetBytes(key), default) is { } record ? Encoding.UTF8.GetString(record.Value) : null;

    private static async Task<string[]> ScanAsync(IOwnedPartition partition, string type)
    {
        var keys = new List<string>();
        await foreach (var record in partition.ScanAsync(type, default))
        {
            keys.Add(Encoding.UTF8.GetString(record.Key));
        }

        return [.. keys.Order(StringComparer.Ordinal)];
    }

    private Task<OwningReplica> StartAsync(string topic, string instance) => OwningReplica.StartAsync(kafka.BootstrapServers, topic, instance);

    /// <summary>What is committed in a topic: (partition, "key=value").</summary>
    private List<(int Partition, string Text)> Committed(string topic) =>
        [.. kafka.Broker.ReadCommitted(topic).Select(record => (record.Partition.Value, $"{Encoding.UTF8.GetString(record.Message.Key)}={(record.Message.Value is { } value ? Encoding.UTF8.GetString(value) : "-")}"))];
}
