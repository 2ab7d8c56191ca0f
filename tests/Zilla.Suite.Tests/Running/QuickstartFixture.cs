using Zilla.Suite.Tests.Telemetry;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Running;

/// <summary>One suite, on one broker, shared by all tests of the quickstart: two edges on one port, two cache replicas.</summary>
public sealed class QuickstartFixture : IAsyncLifetime
{
    public KafkaBroker Kafka { get; private set; } = null!;
    public SpanCollector Spans { get; private set; } = null!;
    public RunningSuite Suite { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Kafka = await KafkaBroker.StartAsync();
        Spans = await SpanCollector.StartAsync();
        var topic = KafkaBroker.Topic("items");
        await NodeClients.RunAsync("create-topic.mjs", Kafka.BootstrapServers, topic, "3", "cleanup.policy=compact");
        Suite = await RunningSuite.StartAsync(
            Kafka.BootstrapServers, topic, ["--no-dashboard", "--replicas", "edge-http=2", "--replicas", "kafka-cache=2"], Spans.Environment);
    }

    public async Task DisposeAsync()
    {
        if (Suite is not null)
        {
            await Suite.DisposeAsync();
        }

        await Spans.DisposeAsync();
        await Kafka.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class QuickstartCollection : ICollectionFixture<QuickstartFixture>
{
    public const string Name = "quickstart";
}
