using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>mqtt.kafka.broker, mqtt.kafka.proxy and iot as their READMEs show them.</summary>
public sealed class MqttTests : IAsyncLifetime
{
    private KafkaBroker _kafka = null!;

    public async Task InitializeAsync() => _kafka = await KafkaBroker.StartAsync();

    public async Task DisposeAsync() => await _kafka.DisposeAsync();

    [RequiresToolFact("bash", "mosquitto_pub", "mosquitto_sub", "kcat", "node", "npm")]
    public async Task Broker_BlocksOfTheReadme_PublishSubscribeAndAreRecords()
    {
        await using var suite = await StartAsync("mqtt.kafka.broker", ["mqtt-sessions", "mqtt-messages", "mqtt-retained"]);
        var blocks = Blocks("mqtt.kafka.broker", 3);

        await ReadmeCommands.RunAsync(blocks[0], suite);
        Assert.Equal("sensors/kitchen 21.5", await RunAsync(blocks[1], suite));
        Assert.Matches(@"^sensors/kitchen \| zilla:filter=sensors,zilla:filter=kitchen,zilla:local=[^,]+,zilla:retain=1,zilla:qos=1 \| 21\.5$", await RunAsync(blocks[2], suite));
    }

    [RequiresToolFact("bash", "mosquitto_pub", "mosquitto_sub", "kcat", "node", "npm")]
    public async Task Proxy_BlocksOfTheReadme_HaveEachKindInItsTopic_AndHearWhatServicesWrite()
    {
        await using var suite = await StartAsync("mqtt.kafka.proxy", ["mqtt-sessions", "mqtt-messages", "mqtt-retained", "room-"], "room-temperature", "room-alarm");
        var blocks = Blocks("mqtt.kafka.proxy", 3);

        await ReadmeCommands.RunAsync(blocks[0], suite);
        Assert.Matches(
            @"^rooms/17/temperature 21\.5\nrooms/17/temperature 21\.7\nrooms/17/alarm smoke zilla:filter=rooms,zilla:filter=17,zilla:filter=alarm,zilla:local=[^,]+,building=north,zilla:qos=2\ngreetings hello$",
            await RunAsync(blocks[1], suite));
        Assert.Equal("rooms/17/alarm false alarm", await RunAsync(blocks[2], suite));
    }

    [RequiresToolFact("bash", "openssl", "mosquitto_pub", "mosquitto_sub", "kcat", "node", "npm")]
    public async Task Iot_BlocksOfTheReadme_BringTelemetryIn_AndCommandsToTheirDevicesAlone()
    {
        await using var suite = await StartAsync("iot", ["iot-sessions", "iot-telemetry", "iot-commands", "iot-messages", "iot-retained"]);
        var blocks = Blocks("iot", 3);

        await ReadmeCommands.RunAsync(blocks[0], suite);
        Assert.Equal("telemetry/boiler-7/temperature {\"celsius\":71.5}\ntelemetry/boiler-7/temperature {\"celsius\":72.0}", await RunAsync(blocks[1], suite));
        Assert.Equal("commands/boiler-7/target {\"celsius\":65}", await RunAsync(blocks[2], suite));

        // What the README says of those who may not.
        var publish = blocks[0].Split('\n')[0];
        Assert.Contains("not authorized", await FailAsync(publish.Replace("-u device -P", "-D connect user-property p", StringComparison.Ordinal), suite), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("bad user name or password", await FailAsync(publish.Replace("boiler-7)", "boiler-7 '' -60)", StringComparison.Ordinal), suite), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("not authorized", await FailAsync(publish.Replace("telemetry/boiler-7", "telemetry/boiler-8", StringComparison.Ordinal), suite), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("denied", await FailAsync(blocks[2].Split('\n')[0].Replace("commands/boiler-7", "commands/boiler-8", StringComparison.Ordinal), suite), StringComparison.OrdinalIgnoreCase);
    }

    private static List<string> Blocks(string example, int count)
    {
        var blocks = ReadmeCommands.Blocks(Path.Combine(Repository.Root, "examples", example, "README.md"))
            .Select(block => block.Replace("examples/", Path.Combine(Repository.Root, "examples/"), StringComparison.Ordinal)).ToList();
        Assert.Equal(count, blocks.Count);
        return blocks;
    }

    private static async Task<string> RunAsync(string block, RunningSuite suite) => (await ReadmeCommands.RunAsync(block, suite)).TrimEnd();

    /// <summary>What a command says that is refused, however it exits.</summary>
    private static Task<string> FailAsync(string command, RunningSuite suite) => ReadmeCommands.RunAsync($"{command} 2>&1 || true", suite);

    /// <param name="example">A folder of <c>examples</c>.</param>
    /// <param name="names">What it calls its topics, or how the names of several begin.</param>
    /// <param name="beginning">The topics whose names begin with one of those.</param>
    private async Task<RunningSuite> StartAsync(string example, string[] names, params string[] beginning)
    {
        var topics = names.ToDictionary(name => name, KafkaBroker.Topic);
        string[] created = [.. topics.Where(topic => !topic.Key.EndsWith('-')).Select(topic => topic.Value),
            .. beginning.Select(name => topics.Aggregate(name, (text, topic) => text.Replace(topic.Key, topic.Value, StringComparison.Ordinal)))];
        foreach (var topic in created)
        {
            var isCompacted = topic.Contains("sessions", StringComparison.Ordinal) || topic.Contains("retained", StringComparison.Ordinal);
            await NodeClients.RunAsync("create-topic.mjs", _kafka.BootstrapServers, topic, "3", $"cleanup.policy={(isCompacted ? "compact" : "delete")}");
        }

        return await RunningSuite.StartExampleAsync(_kafka.BootstrapServers, example, topics);
    }
}
