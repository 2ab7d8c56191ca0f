using Zilla.EdgeMqtt.Packets;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>QoS 0 (§4.3.1): live, on the feed's thread, once to each client.</summary>
public sealed class LiveTests : IAsyncLifetime
{
    private readonly Broker _broker = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Publish_ToSubscribersOfEitherVersion_Arrives(int version)
    {
        await using var client = _broker.Connect(new FakeOutput { Version = (MqttVersion)version });
        Assert.Equal(ReasonCode.Success, await client.SubscribeAsync("home/+/light"));

        _broker.Publish("home/kitchen/heat", "no");
        _broker.Publish("home/kitchen/light", "on");

        var sent = Assert.Single(await client.ReceiveAsync(1));
        Assert.Equal(("home/kitchen/light", "on", QualityOfService.AtMostOnce, false, (ushort)0), (sent.Topic, sent.Payload, sent.QualityOfService, sent.Retain, sent.PacketId));
    }

    [Fact]
    public async Task Publish_ToManyClients_OneStreamOfTheCacheForAll()
    {
        var clients = new List<Client>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(_broker.Connect(clientId: $"c{i}"));
            await clients[i].SubscribeAsync(i % 2 == 0 ? "a/#" : "a/b");
        }

        _broker.Publish("a/b", "1");

        foreach (var client in clients)
        {
            await client.ReceiveAsync(1);
        }

        Assert.Single(_broker.Cache.Opened);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Publish_OwnMessages_NotToASubscriptionWithNoLocal()
    {
        await using var own = _broker.Connect(clientId: "own");
        await using var other = _broker.Connect(clientId: "other");
        await own.SubscribeAsync("a", noLocal: true);
        await other.SubscribeAsync("a", noLocal: true);

        _broker.Publish("a", "1", from: "own");
        _broker.Publish("a", "2", from: "other");
        _broker.Publish("a", "3");

        await own.ReceiveAsync(2);
        await other.ReceiveAsync(2);
        Assert.Equal(["2", "3"], own.Output.Payloads);
        Assert.Equal(["1", "3"], other.Output.Payloads);
    }

    [Fact]
    public async Task Publish_AClientWithoutRoom_DropsForItAlone()
    {
        await using var slow = _broker.Connect(new FakeOutput { Places = 1 }, clientId: "slow");
        await using var fast = _broker.Connect(clientId: "fast");
        await slow.SubscribeAsync("a");
        await fast.SubscribeAsync("a");

        _broker.Publish("a", "1");
        _broker.Publish("a", "2");
        await fast.ReceiveAsync(2);
        slow.Output.Places = int.MaxValue;
        _broker.Publish("a", "3");

        await slow.ReceiveAsync(2);
        Assert.Equal(["1", "3"], slow.Output.Payloads);
    }

    [Fact]
    public async Task Publish_LargerThanTheClientTakes_NotSent()
    {
        await using var client = _broker.Connect(new FakeOutput { MaximumPacketSize = 20 });
        await client.SubscribeAsync("a");

        _broker.Publish("a", new string('x', 30));
        _broker.Publish("a", "small");

        await client.ReceiveAsync(1);
        Assert.Equal(["small"], client.Output.Payloads);
    }

    [Fact]
    public async Task Publish_WithExpiry_TheRemainingTimeGoesOnOrNothingDoes()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a");
        _broker.Messages.Timestamp = 0;

        _broker.Publish("a", "alive", expiry: 10);
        await client.ReceiveAsync(1);
        _broker.Cache.Lag = 2;
        _broker.Publish("a", "short", expiry: 3);
        _broker.Publish("a", "long", expiry: 10);
        _broker.Time.Advance(TimeSpan.FromSeconds(4));
        _broker.Cache.Lag = 0;
        _broker.Messages.Pulse();

        Assert.Equal([("alive", 10u), ("long", 6u)], (await client.ReceiveAsync(2)).Select(s => (s.Payload, s.Expiry!.Value)));
    }

    [Fact]
    public async Task Publish_RecordsThatAreNoMessages_PassedOver()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("#");

        _broker.Messages.Append(0, null, "no key");
        _broker.Messages.Append(0, "a/+", "a wildcard");
        _broker.Messages.Append(0, "", "empty");
        _broker.Messages.Append(0, "plain", "from any producer");

        Assert.Equal("from any producer", Assert.Single(await client.ReceiveAsync(1)).Payload);
    }

    [Fact]
    public async Task Publish_AfterTheReplicaWasLost_GoesOn()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a");
        _broker.Publish("a", "1");
        await client.ReceiveAsync(1);

        await _broker.Cache.CutAsync();
        _broker.Publish("a", "2");

        await client.ReceiveAsync(2);
        Assert.Equal(["1", "2"], client.Output.Payloads);
    }

    [Fact]
    public async Task Publish_AfterUnsubscribe_NotSent()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a");
        await client.SubscribeAsync("b");

        Assert.Equal(ReasonCode.Success, await client.UnsubscribeAsync("a"));
        Assert.Equal(ReasonCode.NoSubscriptionExisted, await client.UnsubscribeAsync("a"));
        _broker.Publish("a", "1");
        _broker.Publish("b", "2");

        await client.ReceiveAsync(1);
        Assert.Equal(["2"], client.Output.Payloads);
        Assert.Equal(["a"], Assert.Single(client.Session.Changes, c => c.Removed.Count > 0).Removed);
    }

    [Fact]
    public async Task Subscribe_AgainWithOtherOptions_ReplacesThem()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a", identifier: 1);
        await client.SubscribeAsync("a", identifier: 2);

        _broker.Publish("a", "1");

        Assert.Equal([2u], Assert.Single(await client.ReceiveAsync(1)).Identifiers);
    }

    [Fact]
    public async Task Subscribe_ToWhatCannotBeRead_RefusedByItself()
    {
        await using var broken = new Broker();
        broken.Cache.Refusal = new(Streams.V1.Cause.UnknownTopic, "gone");
        await using var client = broken.Connect();

        Assert.Equal(ReasonCode.ImplementationSpecificError, await client.SubscribeAsync("a"));
        Assert.Equal(ReasonCode.NotAuthorized, await client.SubscribeAsync("nowhere/a"));
        Assert.Equal(ReasonCode.TopicFilterInvalid, await client.SubscribeAsync(new string('/', 300)));

        broken.Cache.Refusal = null;
        await Eventually.HoldsAsync(async () => await client.SubscribeAsync("a") == ReasonCode.Success);
        broken.Publish("a", "1");
        await client.ReceiveAsync(1);
    }

    [Fact]
    public async Task Subscribe_FilterOfARoute_ReadsAllItsTopics()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("alerts/#");

        _broker.Publish("alerts/fire", "1", into: _broker.Cache.Topic("alerts"));
        await client.ReceiveAsync(1);
        _broker.Publish("alerts/fire", "2");

        await client.ReceiveAsync(2);
    }

    [Fact]
    public async Task Dispose_TheLastClient_NoFilterIsLeft()
    {
        var client = _broker.Connect();
        await client.SubscribeAsync("a");
        var dispatcher = _broker.Dispatchers.Lease(new Zilla.Edge.Cache.TopicName("cluster", "messages"));
        Assert.Equal(1, dispatcher.Filters);

        await client.DisposeAsync();

        Assert.Equal(0, dispatcher.Filters);
        _broker.Dispatchers.Release(dispatcher);
    }
}
