using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Connections;
using Zilla.EdgeMqtt.Tests.Delivery;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Chapters;

/// <summary>Flow control (§4.9): how many messages of QoS 1 and 2 may be under way to a client, and from one. What gives their places back, and what needs none.</summary>
public sealed class FlowControlTests : IAsyncLifetime
{
    private static readonly MqttServerBinding Two = new() { Name = "mqtt", Exit = "map", Limits = new MqttLimits { ReceiveMaximum = 2 } };

    private readonly Broker _broker = new(options: new CacheOptions { QueueRecords = 4, RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetryDelay = TimeSpan.FromMilliseconds(4) });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Publish_BeyondTheReceiveMaximum_WaitsForPuback()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 3 });
        await client.SubscribeAsync("a", qos: 1);
        _broker.PublishNumbers(40, "a", qos: 1);

        var first = await client.ReceiveAsync(3);
        Assert.Equal(3, first.Select(s => s.PacketId).Distinct().Count());

        // A reason code that says no settles a message as well [MQTT-4.3.2].
        client.Acknowledge(first[1], ReasonCode.QuotaExceeded);
        await client.ReceiveAsync(4);
        client.Output.Received = sent => client.Acknowledge(sent);
        foreach (var sent in client.Output.Publishes)
        {
            client.Acknowledge(sent);
        }

        await client.ReceiveAsync(40);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}"), client.Output.Payloads);
        Assert.DoesNotContain(client.Output.Publishes, s => s.IsDuplicate);
    }

    [Fact]
    public async Task Acknowledge_PubrecWithAnError_SettlesAndFreesThePlace()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 1 });
        await client.SubscribeAsync("a", qos: 2);
        _broker.Publish("a", "1", qos: 2);
        _broker.Publish("a", "2", qos: 2);

        client.Acknowledge((await client.ReceiveAsync(1))[0], ReasonCode.UnspecifiedError);

        await client.ReceiveAsync(2);
        Assert.DoesNotContain(client.Output.All, s => s.Type == PacketType.Pubrel);
    }

    [Fact]
    public async Task Resume_ReceiveMaximumOfOne_PubrelDoesNotWaitForPublish()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a", qos: 2);
        _broker.Publish("a", "1", qos: 2);
        _broker.Publish("a", "2", qos: 2);
        var sent = await first.ReceiveAsync(2);
        first.Acknowledge(sent[1]);
        await Eventually.HoldsAsync(() => first.Output.All.Count == 3);
        await first.DisposeAsync();

        await using var second = _broker.Connect(new FakeOutput { ReceiveMaximum = 1 }, first.Session.Reattach());
        await Eventually.HoldsAsync(() => second.Output.All.Count == 1);
        second.Delivery.Acknowledge(PacketType.Pubcomp, sent[1].PacketId, ReasonCode.Success);

        Assert.Equal(("1", true), (await second.ReceiveAsync(1)).Select(s => (s.Payload, s.IsDuplicate)).Single());
    }

    [Fact]
    public async Task Resume_MoreThanTheReceiveMaximum_AsFastAsItIsSettled()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a", qos: 1);
        _broker.PublishNumbers(20, "a", qos: 1);

        await first.ReceiveAsync(20);
        await first.DisposeAsync();
        _broker.Publish("a", "20", qos: 1);

        await using var second = _broker.Connect(new FakeOutput { ReceiveMaximum = 2 }, first.Session.Reattach());
        await second.ReceiveAsync(2);
        second.Output.Received = sent => second.Acknowledge(sent);
        second.Output.Publishes.ToList().ForEach(sent => second.Acknowledge(sent));

        await second.ReceiveAsync(21);
        Assert.Equal(Enumerable.Range(0, 21).Select(i => $"{i}"), second.Output.Payloads);
    }

    [Fact]
    public async Task Publish_BeyondTheReceiveMaximum_EndsTheConnection()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        await using var client = await edge.ConnectAsync();
        await TakeBothPlacesAsync(client);

        await client.PublishAsync("a", "x", qos: 2, id: 2, duplicate: true); // one of the two
        await client.AckAsync();
        await client.PublishAsync("a", "x", qos: 1, id: 3);

        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, await client.EndAsync());
    }

    [Fact]
    public async Task Publish_Of311BeyondWhatMayBeUnderWay_Waits()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        var written = new TaskCompletionSource();
        edge.Cache.Many.BeforeRecord = _ => written.Task;
        await using var client = await edge.ConnectAsync(MqttVersion.V311);
        for (ushort id = 1; id <= 5; id++)
        {
            await client.PublishAsync("a", $"{id}", qos: 1, id: id);
        }

        written.SetResult();

        for (ushort id = 1; id <= 5; id++)
        {
            Assert.Equal((PacketType.Puback, id, ReasonCode.Success), await client.AckAsync());
        }
    }

    /// <summary>A place is free after PUBCOMP, not after PUBREC.</summary>
    [Fact]
    public async Task Acknowledge_QoS2_PubcompFreesThePlace()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 1 });
        await client.SubscribeAsync("a", qos: 2);
        _broker.Publish("a", "1", qos: 2);
        _broker.Publish("a", "2", qos: 2);
        var first = Assert.Single(await client.ReceiveAsync(1));

        client.Acknowledge(first);
        await Eventually.HoldsAsync(() => client.Output.All.Any(s => s.Type == PacketType.Pubrel));
        await OtherWorkIsDoneAsync(client);
        Assert.Single(client.Output.Publishes, s => s.Topic == "a");
        client.Delivery.Acknowledge(PacketType.Pubcomp, first.PacketId, ReasonCode.Success);

        await Eventually.HoldsAsync(() => client.Output.Payloads.Contains("2"));
    }

    /// <summary>Whatever is acknowledged twice, or was never sent, gives no place [MQTT-4.9.0-1].</summary>
    [Fact]
    public async Task Acknowledge_AgainOrOfNothing_FreesNoPlace()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 2 });
        await client.SubscribeAsync("a", qos: 1);
        _broker.PublishNumbers(6, "a", qos: 1);

        var first = (await client.ReceiveAsync(2))[0];
        client.Acknowledge(first);
        await client.ReceiveAsync(3);
        client.Acknowledge(first);
        client.Delivery.Acknowledge(PacketType.Pubcomp, first.PacketId, ReasonCode.Success);
        client.Delivery.Acknowledge(PacketType.Puback, 999, ReasonCode.Success);
        client.Delivery.Acknowledge(PacketType.Pubrec, client.Output.Publishes[1].PacketId, ReasonCode.Success); // of QoS 1

        await OtherWorkIsDoneAsync(client);
        Assert.Equal(["0", "1", "2"], client.Output.Publishes.Where(s => s.Topic == "a").Select(s => s.Payload));
    }

    /// <summary>§4.9: QoS 0 has no part in it, in whatever way the message comes.</summary>
    [Fact]
    public async Task Publish_QoS0ToAClientWithoutAPlace_Arrives()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 1 });
        await client.SubscribeAsync("a", qos: 1);
        _broker.Publish("a", "1", qos: 1);
        _broker.Publish("a", "2", qos: 1);
        await client.ReceiveAsync(1);

        _broker.Publish("a", "0", qos: 0);
        await client.ReceiveAsync(2);
        _broker.Publish("b", "kept", qos: 0, retain: Retain.Only);
        await client.SubscribeAsync("b", qos: 0, retainHandling: 0);

        await client.ReceiveAsync(3);
        Assert.Equal(["1", "0", "kept"], client.Output.Payloads);
    }

    [Fact]
    public async Task Publish_ReceiveMaximumOfTwoClients_EachHasItsOwn()
    {
        await using var one = _broker.Connect(new FakeOutput { ReceiveMaximum = 1 }, clientId: "one");
        await using var many = _broker.Connect(clientId: "many");
        await one.SubscribeAsync("a", qos: 1);
        await many.SubscribeAsync("a", qos: 1);

        _broker.PublishNumbers(30, "a", qos: 1);

        await many.ReceiveAsync(30);
        await one.ReceiveAsync(1);
    }

    /// <summary>A client that says nothing of it takes 65,535; so does one of 3.1.1, which cannot.</summary>
    [Theory]
    [InlineData(4, null, ushort.MaxValue)]
    [InlineData(5, null, ushort.MaxValue)]
    [InlineData(5, 7, 7)]
    public async Task Connect_ReceiveMaximumOfTheClient_IsWhatDeliveryKeepsTo(int version, int? said, int expected)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync(
            (MqttVersion)version, change: packet => said is { } most ? packet with { Properties = new MqttPropertiesBuilder().Add(PropertyId.ReceiveMaximum, (ushort)most).Build() } : packet);

        Assert.Equal(expected, edge.Deliveries.Last.Output.ReceiveMaximum);
    }

    /// <summary>[MQTT-4.9.0-3]: a client that has no place left is answered as ever.</summary>
    [Fact]
    public async Task OtherPackets_WhileAllPlacesAreTaken_AreAnswered()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        var written = new TaskCompletionSource();
        edge.Cache.Many.BeforeRecord = _ => written.Task;
        await using var client = await edge.ConnectAsync();
        await client.PublishAsync("a", "1", qos: 1, id: 1);
        await client.PublishAsync("a", "2", qos: 1, id: 2);

        Assert.Equal([ReasonCode.GrantedQoS1], await client.SubscribeAsync(Filters.Subscription("x")));
        await client.SendAsync("40 (0001) 50 (0002)");
        await client.PingAsync();
        Assert.Equal(2, edge.Deliveries.Last.Acknowledged.Count);
        written.SetResult();

        Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
        Assert.Equal((PacketType.Puback, 2, ReasonCode.Success), await client.AckAsync());
    }

    /// <summary>The same the other way round, in one connection: a client that may not be sent any more is still acknowledged what it publishes, and sent QoS 0.</summary>
    [Fact]
    public async Task Publish_OfAClientThatMayBeSentNothing_IsAcknowledged_AndPubackBringsTheNext()
    {
        await using var edge = await TestEdge.StartDeliveringAsync();
        await using var client = await edge.ConnectAsync(change: packet => packet with { Properties = new MqttPropertiesBuilder().Add(PropertyId.ReceiveMaximum, 1).Build() });
        Assert.Equal([ReasonCode.GrantedQoS1], await client.SubscribeAsync(Filters.Subscription("a")));

        for (ushort id = 1; id <= 3; id++)
        {
            await client.PublishAsync("a", $"{id}", qos: 1, id: id);
        }

        await client.PublishAsync("a", "0");
        List<MqttFrame> frames = [];
        while (frames.Count < 5)
        {
            frames.Add((await client.ReadFrameAsync())!.Value);
        }

        Assert.Equal([PacketType.Publish, PacketType.Publish, PacketType.Puback, PacketType.Puback, PacketType.Puback], frames.Select(frame => frame.Type).Order());
        await client.PingAsync();
        var sent = frames.Where(frame => frame.Type == PacketType.Publish).Select(Read).ToList();
        Assert.Equal(["0", "1"], sent.Select(packet => Encoding.UTF8.GetString(packet.Payload)).Order());

        var last = sent.Single(packet => packet.QualityOfService == QualityOfService.AtLeastOnce);
        foreach (var expected in new[] { "2", "3" })
        {
            await client.SendAsync(w => new AcknowledgePacket(PacketType.Puback, last.PacketId).Write(w, client.Version));
            last = await client.ReadAsync<PublishPacket>();
            Assert.Equal(expected, Encoding.UTF8.GetString(last.Payload));
        }

        static PublishPacket Read(MqttFrame frame) => PublishPacket.TryRead(frame, MqttVersion.V5, MqttSender.Server, out var packet, out var error) ? packet : throw new InvalidDataException(error.Cause);
    }

    /// <summary>What is done with gives its place back: PUBACK and PUBCOMP, and what says no in PUBACK or PUBREC.</summary>
    [Fact]
    public async Task Publish_AsManyAsMayBeUnderWay_AgainAndAgain()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        await using var client = await edge.OpenAsync();
        Assert.Equal(2, (await client.HelloAsync()).Properties.ReceiveMaximum);

        for (var round = 0; round < 5; round++)
        {
            await client.PublishAsync("a", "1", qos: 1, id: 1);
            await client.PublishAsync("a", "2", qos: 1, id: 2);
            Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
            Assert.Equal((PacketType.Puback, 2, ReasonCode.Success), await client.AckAsync());

            await client.PublishAsync("$SYS/x", "no", qos: 1, id: 3);
            await client.PublishAsync("$SYS/x", "no", qos: 2, id: 4);
            Assert.Equal((PacketType.Puback, 3, ReasonCode.NotAuthorized), await client.AckAsync());
            Assert.Equal((PacketType.Pubrec, 4, ReasonCode.NotAuthorized), await client.AckAsync());

            await client.PublishAsync("a", "5", qos: 2, id: 5);
            await client.PublishAsync("a", "6", qos: 2, id: 6);
            Assert.Equal((PacketType.Pubrec, 5, ReasonCode.Success), await client.AckAsync());
            Assert.Equal((PacketType.Pubrec, 6, ReasonCode.Success), await client.AckAsync());
            await client.SendAsync("62 (0005) 62 (0006)");
            Assert.Equal((PacketType.Pubcomp, 5, ReasonCode.Success), await client.AckAsync());
            Assert.Equal((PacketType.Pubcomp, 6, ReasonCode.Success), await client.AckAsync());
        }
    }

    [Fact]
    public async Task Publish_SessionRefusesQoS2_ThePlaceIsFree()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        edge.Sessions.BeforePublish = publish => publish.PacketId < 10 ? Task.FromException(new StreamBrokenException(Cause.NotAuthorized, "Kafka does not let us.")) : Task.CompletedTask;
        await using var client = await edge.ConnectAsync();

        for (ushort id = 1; id <= 5; id++)
        {
            await client.PublishAsync("a", "x", qos: 2, id: id);
            Assert.Equal((PacketType.Pubrec, id, ReasonCode.NotAuthorized), await client.AckAsync());
        }

        await client.PublishAsync("a", "x", qos: 2, id: 10);
        await client.PublishAsync("a", "x", qos: 2, id: 11);
        Assert.Equal((PacketType.Pubrec, 10, ReasonCode.Success), await client.AckAsync());
        Assert.Equal((PacketType.Pubrec, 11, ReasonCode.Success), await client.AckAsync());
    }

    [Fact]
    public async Task Publish_QoS0OfAClientThatHasUsedAllPlaces_IsTaken_AndMoreEndsTheConnection()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        await using var client = await edge.ConnectAsync();
        await TakeBothPlacesAsync(client);

        for (var i = 0; i < 5; i++)
        {
            await client.PublishAsync("a", $"{i}");
        }

        await Eventually.HoldsAsync(() => edge.Values().SequenceEqual(["0", "1", "2", "3", "4"]));
        await client.PublishAsync("a", "x", qos: 2, id: 3);
        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, await client.EndAsync());
    }

    /// <summary>PUBREL of what an earlier connection left gives no more places than there are.</summary>
    [Fact]
    public async Task Release_OfAnEarlierConnection_PlacesStayTwo()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        edge.Sessions.Attached = new MqttAttached { SessionPresent = true, Received = { 50U, 51U } };
        await using var client = await edge.ConnectAsync();
        await client.SendAsync("62 (0032) 62 (0033)");
        await client.AckAsync();
        await client.AckAsync();
        for (ushort id = 1; id <= 2; id++)
        {
            await client.PublishAsync("a", "x", qos: 2, id: id);
            Assert.Equal((PacketType.Pubrec, id, ReasonCode.Success), await client.AckAsync());
        }

        await client.PublishAsync("a", "x", qos: 1, id: 3);

        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, await client.EndAsync());
    }

    /// <summary>What is not answered counts, also where the packet id is under way, or the message is refused: nothing piles up while the session has no owner.</summary>
    [Theory]
    [InlineData("a", 1)]
    [InlineData("$SYS/x", 1)]
    [InlineData("$SYS/x", 2)]
    public async Task Publish_AgainAndAgainWithoutAnswer_EndsTheConnection(string topic, ushort id)
    {
        await using var edge = await TestEdge.StartAsync(Two);
        edge.Sessions.BeforePublish = _ => new TaskCompletionSource().Task;
        await using var client = await edge.ConnectAsync();

        await client.PublishAsync("a", "1", qos: 2, id: 1);
        await client.PublishAsync(topic, "2", qos: 2, id: id, duplicate: id == 1);
        await client.PingAsync();
        await client.PublishAsync(topic, "3", qos: 2, id: id, duplicate: id == 1);

        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, await client.EndAsync());
    }

    [Fact]
    public async Task Release_AgainAndAgain_TheSessionIsToldOnce()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        var released = new TaskCompletionSource();
        edge.Sessions.BeforeRelease = () => released.Task;
        await using var client = await edge.ConnectAsync();
        await client.PublishAsync("a", "1", qos: 2, id: 1);
        await client.AckAsync();

        await client.SendAsync("62 (0001) 62 (0001) 62 (0001)");
        await client.PingAsync();
        released.SetResult();

        Assert.Equal((PacketType.Pubcomp, 1, ReasonCode.Success), await client.AckAsync());
        await client.PingAsync();
        Assert.Equal([1], edge.Sessions.Last.Released);
    }

    /// <summary>PUBREL of what an earlier connection left leaves the places of this one as they are.</summary>
    [Fact]
    public async Task Release_OfAnEarlierConnection_WhileAllPlacesAreTaken_FreesNone()
    {
        await using var edge = await TestEdge.StartAsync(Two);
        edge.Sessions.Attached = new MqttAttached { SessionPresent = true, Received = { 50U } };
        await using var client = await edge.ConnectAsync();
        await TakeBothPlacesAsync(client);

        await client.SendAsync("62 (0032)");
        await client.AckAsync();
        await client.PublishAsync("a", "x", qos: 2, id: 3);

        Assert.Equal(ReasonCode.ReceiveMaximumExceeded, await client.EndAsync());
    }

    /// <summary>As many as a session holds, whatever a client takes.</summary>
    [Theory]
    [InlineData(ushort.MaxValue, 16_384)]
    [InlineData(7, 7)]
    public async Task Quota_IsNoMoreThanASessionHolds(ushort receiveMaximum, int expected) =>
        Assert.Equal(expected, await new SendQuota(receiveMaximum).TakeAsync(int.MaxValue, CancellationToken.None));

    /// <summary>Two messages of QoS 2, of which the client has PUBREC and does not release them.</summary>
    private static async Task TakeBothPlacesAsync(TestClient client)
    {
        for (ushort id = 1; id <= 2; id++)
        {
            await client.PublishAsync("a", "x", qos: 2, id: id);
            await client.AckAsync();
        }
    }

    /// <summary>There was time for what must not come.</summary>
    private async Task OtherWorkIsDoneAsync(Client client)
    {
        await client.SubscribeAsync("other", qos: 0);
        _broker.Publish("other", "done", qos: 0);
        await Eventually.HoldsAsync(() => client.Output.Payloads.Contains("done"));
    }
}
