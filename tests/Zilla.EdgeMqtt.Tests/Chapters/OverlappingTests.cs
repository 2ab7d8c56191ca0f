using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Delivery;
using Zilla.EdgeMqtt.Tests.Packets;

namespace Zilla.EdgeMqtt.Tests.Chapters;

/// <summary>Overlapping subscriptions of one client (§3.3.4, 3.1.1: §3.3.5): one copy, with the highest QoS that was granted and all identifiers.</summary>
public sealed class OverlappingTests : IAsyncLifetime
{
    private readonly Broker _broker = new();

    public OverlappingTests() => _broker.RetainedMessages.Compacted = true;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Publish_OverlappingSubscriptions_OneCopyWithAllIdentifiers()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a/#", identifier: 7);
        await client.SubscribeAsync("a/+", identifier: 268_435_455);
        await client.SubscribeAsync("a/b");

        _broker.Publish("a/b", "1");
        _broker.Publish("a/b/c", "2");

        Assert.Equal(["7,268435455", "7"], (await client.ReceiveAsync(2)).Select(s => string.Join(',', s.Identifiers)));
    }

    [Fact]
    public async Task Publish_NoLocalAndAnotherThatIsNot_Arrives()
    {
        await using var own = _broker.Connect(clientId: "own");
        await own.SubscribeAsync("a", noLocal: true, identifier: 1);
        await own.SubscribeAsync("#", identifier: 2);

        _broker.Publish("a", "1", from: "own");

        Assert.Equal([2u], Assert.Single(await own.ReceiveAsync(1)).Identifiers);
    }

    [Fact]
    public async Task Publish_QoS0And1ToOverlappingSubscriptions_OnceWithTheHighestAndAllIdentifiers()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("#", qos: 0, identifier: 1);
        await client.SubscribeAsync("a", qos: 1, identifier: 2);

        _broker.Publish("a", "1", qos: 1);
        _broker.Publish("a", "0", qos: 0);
        _broker.Publish("b", "1", qos: 1);

        var sent = (await client.ReceiveAsync(3)).Select(s => $"{s.Topic} {s.Payload} {(int)s.QualityOfService} {string.Join(',', s.Identifiers)}").Order();
        Assert.Equal(["a 0 0 1,2", "a 1 1 1,2", "b 1 0 1"], sent);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 1)]
    [InlineData(5, 0)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    public async Task Publish_WithoutIdentifiers_OneCopyAndNone(int version, int qos)
    {
        await using var client = _broker.Connect(new FakeOutput { Version = (MqttVersion)version });
        await client.SubscribeAsync("a/#", qos);
        await client.SubscribeAsync("+/b", qos);
        await client.SubscribeAsync("a/b", qos);

        _broker.Publish("a/b", "1", qos);
        _broker.Publish("a/c", "2", qos);

        var sent = await client.ReceiveAsync(2);
        Assert.Equal(["1", "2"], sent.Select(s => s.Payload));
        Assert.All(sent, s => Assert.Empty(s.Identifiers));
    }

    /// <summary>[MQTT-3.3.4-2], 3.1.1 [MQTT-3.3.5-1].</summary>
    [Theory]
    [InlineData(2, "0 1 2", 2)]
    [InlineData(2, "2 1 0", 2)]
    [InlineData(2, "1 0 1", 1)]
    [InlineData(2, "0 0 0", 0)]
    [InlineData(1, "0 2 0", 1)]
    [InlineData(0, "2 1 2", 0)]
    public async Task Publish_GrantedDifferentQoS_OnceWithTheHighest(int published, string granted, int expected)
    {
        foreach (var version in new[] { MqttVersion.V311, MqttVersion.V5 })
        {
            await using var client = _broker.Connect(new FakeOutput { Version = version }, clientId: $"{version}");
            foreach (var (filter, qos) in new[] { "a/#", "+/b", "a/b" }.Zip(granted.Split(' ').Select(int.Parse)))
            {
                await client.SubscribeAsync(filter, qos);
            }

            _broker.Publish("a/b", "1", published);
            _broker.Publish("a/b", "2", published);

            Assert.Equal([("1", (QualityOfService)expected), ("2", (QualityOfService)expected)], (await client.ReceiveAsync(2)).Select(s => (s.Payload, s.QualityOfService)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Publish_SomeWithIdentifiers_AllOfTheseInOnePublish_TheSameTwiceIfItIs(int qos)
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a/#", qos, identifier: 3);
        await client.SubscribeAsync("+/b", qos);
        await client.SubscribeAsync("a/+", qos, identifier: 3);
        await client.SubscribeAsync("a/b", qos, identifier: 128);

        _broker.Publish("a/b", "1", qos);

        Assert.Equal([3u, 3u, 128u], Assert.Single(await client.ReceiveAsync(1)).Identifiers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Resume_UnsettledAndFromHistory_OneCopyOfEachWithAllIdentifiers(int qos)
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a/#", qos, identifier: 1);
        await first.SubscribeAsync("a/+", qos: 1, identifier: 2);
        _broker.Publish("a/b", "unsettled", qos);
        await first.ReceiveAsync(1);
        await first.DisposeAsync();
        _broker.Publish("a/b", "meanwhile", qos);

        await using var second = _broker.Connect(session: first.Session.Reattach());

        Assert.Equal(
            [("unsettled", true, "1,2"), ("meanwhile", false, "1,2")],
            (await second.ReceiveAsync(2)).Select(s => (s.Payload, s.IsDuplicate, string.Join(',', s.Identifiers))));
    }

    [Fact]
    public async Task Unsubscribe_OneOfTwo_WhatIsLeftCounts()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a/#", qos: 1, identifier: 1);
        await client.SubscribeAsync("a/+", qos: 2, identifier: 2);

        await client.UnsubscribeAsync("a/+");
        _broker.Publish("a/b", "1", qos: 2);

        var sent = Assert.Single(await client.ReceiveAsync(1));
        Assert.Equal(QualityOfService.AtLeastOnce, sent.QualityOfService);
        Assert.Equal([1u], sent.Identifiers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Publish_OneOfThemWantsTheRetainFlag_ItIsThere(int qos)
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a/#", qos);
        await client.SubscribeAsync("a/b", qos, retainAsPublished: true);

        _broker.Publish("a/b", "1", qos, retain: Retain.Yes);
        _broker.Publish("a/c", "2", qos, retain: Retain.Yes);

        Assert.Equal([true, false], (await client.ReceiveAsync(2)).Select(s => s.Retain));
    }

    /// <summary>What is retained is sent for the SUBSCRIBE that asks, not for what the client subscribed to before.</summary>
    [Fact]
    public async Task Subscribe_OverlappingAnEarlierOne_RetainedMessagesAreOfTheNewOne()
    {
        _broker.Publish("a/b", "kept", qos: 2, retain: Retain.Only);
        await using var client = _broker.Connect();

        await client.SubscribeAsync("a/#", qos: 2, identifier: 1, retainHandling: 0);
        await client.ReceiveAsync(1);
        await client.SubscribeAsync("a/+", qos: 1, identifier: 2, retainHandling: 0);

        Assert.Equal([("kept", 2, "1"), ("kept", 1, "2")], (await client.ReceiveAsync(2)).Select(s => (s.Payload, (int)s.QualityOfService, string.Join(',', s.Identifiers))));
    }

    [Fact]
    public async Task Subscribe_OverlappingFiltersInOne_RetainedMessageOnceWithTheHighestQoS()
    {
        _broker.Publish("a/b", "kept", qos: 2, retain: Retain.Only);
        await using var client = _broker.Connect();
        Subscription[] both = [Filters.Subscription("a/#", qos: 0), Filters.Subscription("+/b")];

        await client.Delivery.SubscribeAsync(both, 7, CancellationToken.None);
        await client.ReceiveAsync(1);
        _broker.Publish("a/b", "end", qos: 1);

        var sent = await client.ReceiveAsync(2);
        Assert.Equal([("kept", true), ("end", false)], sent.Select(s => (s.Payload, s.Retain)));
        Assert.All(sent, s => Assert.Equal([7u, 7u], s.Identifiers));
        Assert.All(sent, s => Assert.Equal(QualityOfService.AtLeastOnce, s.QualityOfService));
    }

    /// <summary>§4.8.2: what is shared and what is not are deliveries of their own, each with its identifier.</summary>
    [Fact]
    public async Task Publish_SharedAndNot_OneCopyForEach()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a/#", qos: 1, identifier: 1);
        await client.SubscribeAsync("$share/g/a/b", qos: 1, identifier: 2);

        _broker.Publish("a/b", "1", qos: 1);
        await client.ReceiveAsync(1);
        client.Session.Shares["g/a/b/messages"].Give(_broker.Messages.Records(0)[0].Decode());

        Assert.Equal([1u, 2u], (await client.ReceiveAsync(2)).SelectMany(s => s.Identifiers));
    }
}
