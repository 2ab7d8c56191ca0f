using System.Globalization;
using System.Text.Json;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt;

/// <summary>Clients that nobody here wrote talk to each other through Kafka, two of each, one of each version.</summary>
[Collection(MqttSuiteCollection.Name)]
public sealed class ForeignClientTests(MqttSuite suite)
{
    [RequiresToolFact("mosquitto_pub", "node", "npm")]
    public async Task MqttJs_OverTcp_BothVersionsHearEachOther() =>
        AssertHeard("js", await NodeClients.RunAsync("mqtt.mjs", $"mqtt://127.0.0.1:{suite.Port}", "js"));

    [RequiresToolFact("mosquitto_pub", "node", "npm")]
    public async Task MqttJs_OverWebSocket_BothVersionsHearEachOther() =>
        AssertHeard("ws", await NodeClients.RunAsync("mqtt.mjs", $"ws://127.0.0.1:{suite.WebSocketPort}/mqtt", "ws"));

    [RequiresToolFact("mosquitto_pub", "/usr/bin/python3", "/usr/lib/python3/dist-packages/paho/mqtt/client.py")]
    public async Task Paho_BothVersionsHearEachOther() => AssertHeard("py", await ChildProcess.RunAsync(
        "/usr/bin/python3", [Path.Combine(Repository.Root, "tests", "clients", "paho_mqtt.py"), suite.Port.ToString(CultureInfo.InvariantCulture), "py"]));

    [RequiresToolFact("mosquitto_pub", "mosquitto_sub", "kcat")]
    public async Task Mosquitto_BothVersionsHearEachOther_AndKafkaHasWhatTheySaid()
    {
        await using var four = await suite.SubscribeAsync("-V", "311", "-i", "sub-4", "-t", "mosquitto/+", "-q", "2", "-C", "6");
        await using var five = await suite.SubscribeAsync("-V", "5", "-i", "sub-5", "-t", "mosquitto/#", "-q", "2", "-C", "6");

        foreach (var version in new[] { "311", "5" })
        {
            foreach (var qos in new[] { "0", "1", "2" })
            {
                await suite.PublishAsync("-V", version, "-i", $"pub-{version}", "-t", $"mosquitto/{version}", "-m", $"m{qos}", "-q", qos);
            }
        }

        string[] said = [.. new[] { "311", "5" }.SelectMany(version => new[] { 0, 1, 2 }.Select(qos => $"mosquitto/{version} m{qos} q{qos} r0"))];
        foreach (var client in new[] { four, five })
        {
            await client.WaitForExitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(said, MqttSuite.Got(client).Order(StringComparer.Ordinal));
        }

        var records = await ChildProcess.RunAsync("kcat", ["-b", suite.Kafka.BootstrapServers, "-t", suite.Messages, "-C", "-e", "-q", "-f", "%k %h %s\\n", "-X", "isolation.level=read_committed"]);
        Assert.Equal(
            said.Select(line => line.Split(' ') is [var topic, var message, ['q', var qos], ..]
                ? $"{topic} zilla:filter=mosquitto,zilla:filter={topic[10..]},zilla:local=pub-{topic[10..]},zilla:qos={qos} {message}" : ""),
            records.Split('\n').Where(line => line.StartsWith("mosquitto/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [RequiresToolFact("mosquitto_pub", "mosquitto_sub")]
    public async Task Retained_IsSentToWhoComesLater_UntilItIsCleared()
    {
        await suite.PublishAsync("-V", "5", "-t", "kept/a", "-m", "there", "-q", "1", "-r");
        await Eventually.HoldsAsync(async () =>
        {
            await using var client = await suite.SubscribeAsync("-V", "5", "-t", "kept/#", "-q", "1", "-W", "2");
            await client.WaitForExitAsync(TimeSpan.FromSeconds(60));
            return MqttSuite.Got(client).SequenceEqual(["kept/a there q1 r1"]);
        });

        await suite.PublishAsync("-V", "5", "-t", "kept/a", "-n", "-q", "1", "-r");
        await Eventually.HoldsAsync(async () =>
        {
            await using var client = await suite.SubscribeAsync("-V", "311", "-t", "kept/#", "-q", "1", "-W", "2");
            await client.WaitForExitAsync(TimeSpan.FromSeconds(60));
            return !MqttSuite.Got(client).Any();
        });
    }

    [RequiresToolFact("mosquitto_pub", "mosquitto_sub")]
    public async Task Session_ThatIsKept_HasWhatWasSaidMeanwhile()
    {
        string[] session = ["-V", "5", "-i", "kept-session", "-c", "-x", "600", "-t", "away/#", "-q", "2"];
        await using (var first = await suite.SubscribeAsync([.. session, "-W", "1"]))
        {
            await first.WaitForExitAsync(TimeSpan.FromSeconds(60));
        }

        await suite.PublishAsync("-V", "5", "-t", "away/1", "-m", "one", "-q", "1");
        await suite.PublishAsync("-V", "311", "-t", "away/2", "-m", "two", "-q", "2");
        await using var again = await suite.ResumeAsync([.. session, "-C", "2"]);

        Assert.Equal(["away/1 one q1 r0", "away/2 two q2 r0"], MqttSuite.Got(again).Order(StringComparer.Ordinal));
    }

    internal static void AssertHeard(string prefix, string output)
    {
        var heard = JsonSerializer.Deserialize<Dictionary<string, string[]>>(output.Split('\n').Last(line => line.StartsWith('{')))!;
        string[] said = [.. new[] { "five", "four" }.SelectMany(name => new[] { 0, 1, 2 }.Select(qos => $"{prefix}/{name} m{qos} {qos}"))];
        Assert.Equal(said, heard["four"]);
        Assert.Equal(said, heard["five"]);
    }
}
