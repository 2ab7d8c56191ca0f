using System.Text;
using Zilla.Config.Bindings;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Connections;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Chapters;

/// <summary>Topic aliases (§3.3.2.3.4): those of clients, and those towards a client that accepts some.</summary>
public sealed class AliasTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    public async Task InitializeAsync() => _edge = await TestEdge.StartAsync();

    public async Task DisposeAsync() => await _edge.DisposeAsync();

    [Fact]
    public async Task Alias_StandsForItsTopic_UntilItStandsForAnother()
    {
        await using var client = await _edge.ConnectAsync();

        await client.PublishAsync("a", "1", qos: 1, id: 1, properties: Alias(2));
        await client.PublishAsync("", "2", qos: 1, id: 2, properties: Alias(2));
        await client.PublishAsync("b", "3", qos: 1, id: 3, properties: Alias(2));
        await client.PublishAsync("", "4", qos: 1, id: 4, properties: Alias(2));
        for (var i = 0; i < 4; i++)
        {
            await client.AckAsync();
        }

        Assert.Equal(["a", "a", "b", "b"], _edge.Messages.Records(0).Select(record => Encoding.UTF8.GetString(record.Key!)));
    }

    [Theory]
    [InlineData("", 1)] // stands for nothing
    [InlineData("a", 0)]
    [InlineData("a", 33)]
    public async Task Alias_ThatIsNone_EndsTheConnection(string topic, ushort alias)
    {
        await using var client = await _edge.ConnectAsync();

        await client.PublishAsync(topic, "x", properties: Alias(alias));

        Assert.Equal(ReasonCode.TopicAliasInvalid, await client.EndAsync());
    }

    /// <summary>[MQTT-3.3.2-7].</summary>
    [Fact]
    public async Task Alias_OfAnotherConnection_StandsForNothing()
    {
        await using (var first = await _edge.ConnectAsync())
        {
            await first.PublishAsync("a", "1", qos: 1, id: 1, properties: Alias(1));
            await first.AckAsync();
        }

        await using var second = await _edge.ConnectAsync();
        await second.PublishAsync("", "2", qos: 1, id: 1, properties: Alias(1));

        Assert.Equal(ReasonCode.TopicAliasInvalid, await second.EndAsync());
        Assert.Equal(["1"], _edge.Values());
    }

    [Fact]
    public async Task Alias_WithEachQoS_IsTheSame()
    {
        await using var client = await _edge.ConnectAsync();

        await client.PublishAsync("a", "0", properties: Alias(1));
        await client.PublishAsync("", "1", qos: 1, id: 1, properties: Alias(1));
        await client.AckAsync();
        await client.PublishAsync("", "2", qos: 2, id: 2, properties: Alias(1));

        Assert.Equal((PacketType.Pubrec, 2, ReasonCode.Success), await client.AckAsync());
        Assert.Equal("a", _edge.Sessions.Last.Records.Single().Record.Key.ToStringUtf8());

        // QoS 0 goes a way of its own.
        await Eventually.HoldsAsync(() => _edge.Messages.Records(0).Select(record => Encoding.UTF8.GetString(record.Key!)).SequenceEqual(["a", "a"]));
    }

    /// <summary>[MQTT-3.2.2-18], [MQTT-3.3.2-9]: the client keeps to what CONNACK said, none at all too.</summary>
    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(2, 2, false)]
    [InlineData(2, 3, true)]
    public async Task Alias_BeyondWhatConnackSays_EndsTheConnection(int most, ushort alias, bool ends)
    {
        await using var edge = await TestEdge.StartAsync(new MqttServerBinding { Name = "mqtt", Exit = "map", Limits = new MqttLimits { TopicAliases = (ushort)most } });
        await using var client = await edge.OpenAsync();
        Assert.Equal(most, (await client.HelloAsync()).Properties.TopicAliasMaximum);

        await client.PublishAsync("a", "x", qos: 1, id: 1, properties: Alias(alias));

        if (ends)
        {
            Assert.Equal(ReasonCode.TopicAliasInvalid, await client.EndAsync());
        }
        else
        {
            Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
        }
    }

    /// <summary>The aliases of a client and those of the server are two sets.</summary>
    [Fact]
    public async Task Alias_OfTheClient_IsNotTheServers()
    {
        await using var client = await ConnectAsync(accepts: 1);
        await client.PublishAsync("a", "1", qos: 1, id: 1, properties: Alias(1));
        await client.AckAsync();

        Send("b");
        Assert.Equal(["b=1"], await ReadAsync(client, 1));
        await client.PublishAsync("", "2", qos: 1, id: 2, properties: Alias(1));
        await client.AckAsync();

        Assert.Equal(["a", "a"], _edge.Messages.Records(0).Select(record => Encoding.UTF8.GetString(record.Key!)));
    }

    [Fact]
    public async Task Topic_IsSaidOnceForItsAlias_AndTheOldestGivesWay()
    {
        await using var client = await ConnectAsync(accepts: 2);
        foreach (var topic in new[] { "a/long", "b/long", "a/long", "c/long", "a/long", "b/long" })
        {
            Send(topic);
        }

        // b has the alias that was used least recently when c comes, then c has.
        Assert.Equal(["a/long=1", "b/long=2", "=1", "c/long=2", "=1", "b/long=2"], await ReadAsync(client, 6));
    }

    [Fact]
    public async Task Client_ThatAcceptsNone_GetsNone()
    {
        await using var client = await ConnectAsync(accepts: 0);
        Send("a");
        Send("a");

        Assert.Equal(["a=", "a="], await ReadAsync(client, 2));
    }

    private static async Task<string[]> ReadAsync(TestClient client, int count)
    {
        var read = new string[count];
        for (var i = 0; i < count; i++)
        {
            var packet = await client.ReadAsync<PublishPacket>();
            read[i] = $"{packet.Topic}={packet.Properties.TopicAlias}";
        }

        return read;
    }

    private void Send(string topic) => Assert.True(_edge.Deliveries.Last.Output.TryPublish(new PublishPacket { Topic = topic, Payload = new("x"u8.ToArray()) }));

    private Task<TestClient> ConnectAsync(ushort accepts) => _edge.ConnectAsync(
        change: packet => packet with { Properties = new MqttPropertiesBuilder().Add(PropertyId.TopicAliasMaximum, accepts).Build() });

    private static MqttProperties Alias(ushort alias) => new MqttPropertiesBuilder().Add(PropertyId.TopicAlias, alias).Build();
}
