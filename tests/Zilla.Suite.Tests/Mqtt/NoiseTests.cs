using System.Globalization;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt;

/// <summary>A short run of what <c>bench/mqtt --noise 60</c> does for a minute: 1,000 malformed connections a second, and nobody else notices.</summary>
[Collection(MqttSuiteCollection.Name)]
public sealed class NoiseTests(MqttSuite suite)
{
    private const int Connections = 3000;

    [RequiresToolFact("mosquitto_pub")]
    public async Task MalformedConnections_AThousandASecond_GoodClientsNoticeNothing_AndNothingStays()
    {
        var output = await ChildProcess.RunAsync(
            Repository.Service("bench/Zilla.Load"),
            ["mqtt-noise", "--port", MqttSuite.Number(suite.Port), "--rate", "1000", "--seconds", "3", "--clients", "200", "--interval", "1", "--cpu", $"edge={suite.Edge.Id},{suite.Cache.Id}"],
            within: TimeSpan.FromMinutes(3));

        // Fails with what the clients noticed; how fast it went is the machine's affair.
        var figures = output.Split('\n')[^1].Split('\t')[2..].Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture));
        Assert.True(figures["failed"] == 0, output);
        Assert.True(figures["done"] == Connections && figures["closed"] > 0, output); // how many are closed before they go by themselves, a quarter of a second later, as well
        Assert.True(figures["messages"] > 200, output);
        Assert.True(figures["files"] < 100 && figures["bytes"] < 200e6, output);

        // What a connection of a client did not survive, and was not the client's own doing.
        Assert.DoesNotContain(suite.Edge.Lines, line => line.Contains(" Zilla.EdgeMqtt.Connections.MqttConnection[4] ", StringComparison.Ordinal));
    }
}
