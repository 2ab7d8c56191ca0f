using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>mqtt.kafka.broker as its README shows it.</summary>
public sealed class MqttTests
{
    private const string Example = "mqtt.kafka.broker";

    [RequiresToolFact("bash", "mosquitto_pub", "mosquitto_sub", "kcat", "node", "npm")]
    public async Task Example_BlocksOfTheReadme_PublishSubscribeAndAreRecords()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var topics = new[] { "mqtt-sessions", "mqtt-messages", "mqtt-retained" }.ToDictionary(name => name, KafkaBroker.Topic);
        foreach (var (name, topic) in topics)
        {
            await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, topic, "3", $"cleanup.policy={(name == "mqtt-messages" ? "delete" : "compact")}");
        }

        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, Example, topics);
        var blocks = ReadmeCommands.Blocks(Path.Combine(Repository.Root, "examples", Example, "README.md"));
        Assert.Equal(3, blocks.Count);

        await ReadmeCommands.RunAsync(blocks[0], suite);
        Assert.Equal("sensors/kitchen 21.5", (await ReadmeCommands.RunAsync(blocks[1], suite)).TrimEnd());
        Assert.Matches(@"^sensors/kitchen \| zilla:filter=sensors,zilla:filter=kitchen,zilla:local=[^,]+,zilla:retain=1,zilla:qos=1 \| 21\.5$", (await ReadmeCommands.RunAsync(blocks[2], suite)).TrimEnd());
    }
}
