using Confluent.Kafka.Admin;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>A quickstart of one edge and one cache replica, whose deadlines are short.</summary>
public sealed class CrowdFixture : IAsyncLifetime
{
    internal ServiceSuite Suite { get; private set; } = null!;
    internal HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var topic = new TopicSpecification { Name = KafkaBroker.Topic("crowd"), NumPartitions = 1, ReplicationFactor = 1 };
        Suite = await ServiceSuite.StartAsync("quickstart", new Dictionary<string, TopicSpecification> { ["items-snapshots"] = topic }, replicas: 1, new Dictionary<string, string?>
        {
            ["Zilla__Edge__Http__HeadersTimeout"] = "00:00:02",
            ["Zilla__Edge__Http__RateGrace"] = "00:00:02",
        });
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Suite.Address };
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();
        if (Suite is not null)
        {
            await Suite.DisposeAsync();
        }
    }
}
