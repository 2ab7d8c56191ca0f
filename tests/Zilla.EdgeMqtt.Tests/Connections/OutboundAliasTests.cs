using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>Topic aliases towards a client that accepts some (§3.3.2.3.4).</summary>
public sealed class OutboundAliasTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    public async Task InitializeAsync() => _edge = await TestEdge.StartAsync();

    public async Task DisposeAsync() => await _edge.DisposeAsync();

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
}
