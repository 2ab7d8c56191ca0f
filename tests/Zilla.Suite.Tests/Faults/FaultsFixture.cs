using Confluent.Kafka.Admin;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>A quickstart of two edges and two cache replicas on a compacted topic with 64 partitions, for the tests that end its processes and start them again.</summary>
public sealed class FaultsFixture : IAsyncLifetime
{
    internal const int Partitions = 64;
    internal const string ConfigToken = "for these tests alone";

    internal ServiceSuite Suite { get; private set; } = null!;
    internal string Topic { get; } = KafkaBroker.Topic("faults");

    public async Task InitializeAsync() => Suite = await ServiceSuite.StartAsync("quickstart", new Dictionary<string, TopicSpecification>
    {
        ["items-snapshots"] = new() { Name = Topic, NumPartitions = Partitions, ReplicationFactor = 1, Configs = new() { ["cleanup.policy"] = "compact" } },
    }, settings: new Dictionary<string, string?> { ["Zilla__ConfigToken"] = ConfigToken });

    public async Task DisposeAsync()
    {
        if (Suite is not null)
        {
            await Suite.DisposeAsync();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class FaultsCollection : ICollectionFixture<FaultsFixture>
{
    public const string Name = "faults";
}
