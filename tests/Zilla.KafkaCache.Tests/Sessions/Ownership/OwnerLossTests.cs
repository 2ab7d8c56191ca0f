using System.Diagnostics;
using System.Text;
using Xunit.Abstractions;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>Owners that die, stand still or go, as processes.</summary>
public sealed class OwnerLossTests(KafkaBrokerFixture kafka, ITestOutputHelper output) : IClassFixture<KafkaBrokerFixture>
{
    private const int Partitions = 4;

    private readonly List<CacheProcess> _replicas = [];

    [Fact]
    public async Task Owner_KilledThenAnotherThatStandsStillThenOneThatGoes_ThereIsAlwaysOneOwner()
    {
        var topic = await kafka.Broker.CreateTopicAsync(Partitions, new() { ["cleanup.policy"] = "compact" });
        try
        {
            var one = Start("one", topic);
            await OwnAsync(topic, one);
            var two = Start("two", topic);
            await OwnAsync(topic, one, two);

            await one.KillAsync();
            await OwnAsync(topic, two);

            var three = Start("three", topic);
            await OwnAsync(topic, two, three);
            two.Pause();
            await OwnAsync(topic, three);

            // What it takes itself for is no longer so: it hears of it, takes part again, and owns only what it is given anew.
            var before = kafka.Broker.Claims(topic);
            two.Resume();
            await OwnAsync(topic, two, three);
            await AgreeAsync(topic, two, three);
            Assert.All(kafka.Broker.Claims(topic).Where(claim => claim.Value.Instance == "two"), claim => Assert.True(claim.Value.Epoch > before[claim.Key].Epoch));

            Assert.Equal(0, await OwnAsync(topic, three, two.StopAsync()));
            await AgreeAsync(topic, three);
        }
        finally
        {
            foreach (var replica in _replicas)
            {
                await replica.DisposeAsync();
            }
        }
    }

    private CacheProcess Start(string instance, string topic)
    {
        var replica = new CacheProcess(instance, OwningReplica.Plan(kafka.BootstrapServers, topic));
        _replicas.Add(replica);
        return replica;
    }

    private async Task<T> OwnAsync<T>(string topic, CacheProcess owner, Task<T> cause)
    {
        await OwnAsync(topic, owner);
        return await cause;
    }

    /// <summary>Waits until each of these owns partitions and nobody else does.</summary>
    private async Task OwnAsync(string topic, params CacheProcess[] owners)
    {
        var began = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync(
            () => Task.Run(() =>
            {
                try
                {
                    var claims = kafka.Broker.Claims(topic);
                    return claims.Count == Partitions && claims.Values.Select(claim => claim.Instance).Distinct().Order().SequenceEqual(owners.Select(owner => owner.Instance).Order());
                }
                catch (Confluent.Kafka.KafkaException)
                {
                    return false; // not created yet
                }
                catch (InvalidOperationException)
                {
                    return false;
                }
            }),
            TimeSpan.FromSeconds(90),
            $"owners are {string.Join(", ", owners.Select(owner => owner.Instance))}\n{string.Join('\n', owners.Select(owner => owner.Output))}");
        output.WriteLine($"{string.Join(", ", owners.Select(owner => owner.Instance))}: {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
    }

    /// <summary>Whoever claimed a partition last serves it, in that epoch, and nobody else does; a busy machine may make them share out anew meanwhile.</summary>
    private Task AgreeAsync(string topic, params CacheProcess[] replicas) => Eventually.HoldsAsync(async () =>
    {
        foreach (var (partition, claim) in kafka.Broker.Claims(topic))
        {
            foreach (var replica in replicas)
            {
                await replica.Connection.WaitUntilConnectedAsync().WaitAsync(TimeSpan.FromSeconds(30));
                await using var stream = replica.Connection.Open(new()
                {
                    Mqtt = new() { Cluster = CacheReplica.ClusterName, SessionsTopic = topic, Epoch = claim.Epoch, Connect = new() { ClientId = KeyIn(partition), Connection = "c" } },
                });
                if (await IsAcceptedAsync(stream) != (replica.Instance == claim.Instance))
                {
                    return false;
                }
            }
        }

        return true;
    }, TimeSpan.FromSeconds(90), "the last to claim a partition serves it");

    private static async Task<bool> IsAcceptedAsync(FrameStream stream)
    {
        try
        {
            return (await Eventually.CompletesAsync(stream.ReadAsync().AsTask())).Kind == FrameKind.Begin;
        }
        catch (StreamBrokenException refused) when (refused.Cause == Cause.NotOwner)
        {
            return false;
        }
    }

    private static string KeyIn(int partition) =>
        Enumerable.Range(0, 1000).Select(i => $"client-{i}").First(key => Murmur2.Partition(Encoding.UTF8.GetBytes(key), Partitions) == partition);
}
