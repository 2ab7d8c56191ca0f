using System.Text;
using Zilla.EdgeMqtt.Packets;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>Retained messages (§3.3.1.3) and retain handling (§3.8.3.1).</summary>
public sealed class RetainedTests : IAsyncLifetime
{
    private readonly Broker _broker = new();

    public RetainedTests() => _broker.RetainedMessages.Compacted = true;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Subscribe_LatestOfEachMatchingTopic_WithTheRetainFlag()
    {
        _broker.Publish("a/1", "old", retain: Retain.Yes);
        _broker.Publish("a/1", "new", retain: Retain.Yes);
        _broker.Publish("a/2", "gone", retain: Retain.Yes);
        _broker.Publish("a/2", null, retain: Retain.Only);
        _broker.Publish("a/3", "cleared", retain: Retain.Yes);
        _broker.Publish("a/3", "", retain: Retain.Only);
        _broker.Publish("b/1", "other", retain: Retain.Yes);
        _broker.Publish("$SYS/x", "hidden", retain: Retain.Yes);
        _broker.RetainedMessages.Append(0, "a/plain", "of any producer");
        await using var client = _broker.Connect();

        await client.SubscribeAsync("+/+", identifier: 5, retainHandling: 0);

        var sent = await client.ReceiveAsync(3);
        Assert.Equal(["a/1 new", "a/plain of any producer", "b/1 other"], sent.Select(s => $"{s.Topic} {s.Payload}").Order());
        Assert.All(sent, s => Assert.True(s.Retain && s.Identifiers is [5]));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task Subscribe_Twice_ByRetainHandling(int handling, int times)
    {
        _broker.Publish("a", "kept", retain: Retain.Yes);
        await using var client = _broker.Connect();

        await client.SubscribeAsync("a", retainHandling: handling);
        await client.SubscribeAsync("a", retainHandling: handling);
        await client.SubscribeAsync("end", retainHandling: 2);
        await Eventually.HoldsAsync(() => client.Output.Publishes.Count == times);
        _broker.Publish("end", "live");

        await client.ReceiveAsync(times + 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Publish_RetainAsPublished_KeepsTheFlag(int qos)
    {
        await using var keeps = _broker.Connect(clientId: "keeps");
        await using var clears = _broker.Connect(clientId: "clears");

        // What is published while a SUBSCRIBE looks for retained messages may come as one of them, too.
        await keeps.SubscribeAsync("a", qos, retainAsPublished: true, retainHandling: 2);
        await clears.SubscribeAsync("a", qos, retainHandling: 2);

        _broker.Publish("a", "retained", qos, retain: Retain.Yes);
        _broker.Publish("a", "not", qos);

        Assert.Equal([true, false], (await keeps.ReceiveAsync(2)).Select(s => s.Retain));
        Assert.Equal([false, false], (await clears.ReceiveAsync(2)).Select(s => s.Retain));
    }

    [Fact]
    public async Task Subscribe_LiveMessagesMeanwhile_FollowTheRetainedOnes()
    {
        var hold = new TaskCompletionSource();
        _broker.Publish("a", "retained", retain: Retain.Only);
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up", retainHandling: 2);
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await client.SubscribeAsync("a", retainHandling: 0);
        _broker.Publish("a", "live");
        _broker.Publish("warm/up", "not held");
        await client.ReceiveAsync(1);

        hold.SetResult();

        await client.ReceiveAsync(3);
        Assert.Equal(["not held", "retained", "live"], client.Output.Payloads);
    }

    [Fact]
    public async Task Subscribe_DurableLiveMessagesMeanwhile_FollowTheRetainedOnes()
    {
        var hold = new TaskCompletionSource();
        _broker.Publish("a", "retained", qos: 1, retain: Retain.Only);
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up", qos: 1);
        await Eventually.HoldsAsync(() => !_broker.Cache.Opened.IsEmpty);
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await client.SubscribeAsync("a", qos: 1, retainHandling: 0);
        _broker.Publish("a", "live", qos: 1);
        Assert.Empty(client.Output.Publishes);

        hold.SetResult();

        await client.ReceiveAsync(2);
        Assert.Equal(["retained", "live"], client.Output.Payloads);
        Assert.Equal([true, false], client.Output.Publishes.Select(s => s.Retain));
    }

    /// <summary>[MQTT-4.6.0-6]: what waited for one SUBSCRIBE does not wait for the next, where what follows it does not.</summary>
    [Fact]
    public async Task Subscribe_AnotherStillWaits_WhatWaitedForTheFirstStaysAheadOfWhatFollows()
    {
        TaskCompletionSource[] hold = [new(), new()];
        var opened = 0;
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up");
        _broker.Cache.BeforeAnswer = () => hold[Math.Min(opened++, 1)].Task;
        await client.SubscribeAsync("a", retainHandling: 0);
        await client.SubscribeAsync("b", retainHandling: 0);
        _broker.Publish("a", "1");
        _broker.Publish("b", "1");
        await _broker.FeedIsAtTheEndAsync();
        Assert.Empty(client.Output.Publishes);

        hold[0].SetResult();
        await client.ReceiveAsync(1);
        _broker.Publish("a", "2");
        await client.ReceiveAsync(2);
        hold[1].SetResult();

        Assert.Equal(["a 1", "a 2", "b 1"], (await client.ReceiveAsync(3)).Select(s => $"{s.Topic} {s.Payload}"));
    }

    /// <summary>What waits came before a subscription that is made meanwhile, and is not for it.</summary>
    [Fact]
    public async Task Subscribe_WhileMessagesWait_TheyAreNotForIt()
    {
        var hold = new TaskCompletionSource();
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up");
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await client.SubscribeAsync("a", identifier: 1, retainHandling: 0);
        _broker.Publish("a", "before");
        await _broker.FeedIsAtTheEndAsync();
        await client.SubscribeAsync("+", identifier: 2);
        _broker.Publish("a", "after");
        await _broker.FeedIsAtTheEndAsync();

        hold.SetResult();

        Assert.Equal(["before 1", "after 1,2"], (await client.ReceiveAsync(2)).Select(s => $"{s.Payload} {string.Join(',', s.Identifiers)}"));
    }

    /// <summary>[MQTT-3.8.4-4]</summary>
    [Fact]
    public async Task Subscribe_AgainWhileMessagesWait_NoneIsLost()
    {
        var hold = new TaskCompletionSource();
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up");
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await client.SubscribeAsync("a", identifier: 1, retainHandling: 0);
        _broker.Publish("a", "waits");
        await _broker.FeedIsAtTheEndAsync();

        await client.SubscribeAsync("a", identifier: 2);

        Assert.Equal([2u], Assert.Single(await client.ReceiveAsync(1)).Identifiers);
        hold.SetResult();
    }

    [Fact]
    public async Task Subscribe_MoreLiveMessagesThanMayWait_TheLastAreDropped()
    {
        await using var broker = new Broker(delivery: new() { HeldBytes = 5000 });
        var hold = new TaskCompletionSource();
        await using var client = broker.Connect();
        await client.SubscribeAsync("warm/up");
        broker.Cache.BeforeAnswer = () => hold.Task;
        await client.SubscribeAsync("a", retainHandling: 0);
        for (var i = 0; i < 3; i++)
        {
            broker.Publish("a", new string((char)('0' + i), 1900));
        }

        await broker.FeedIsAtTheEndAsync();
        hold.SetResult();
        await Eventually.HoldsAsync(() => client.Output.Publishes.Count > 0);
        broker.Publish("a", "last");

        Assert.Equal(["0", "1", "l"], (await client.ReceiveAsync(3)).Select(s => s.Payload[..1]));
    }

    /// <summary>[MQTT-4.6.0-6]: not the latest first, and then all that led to it.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Subscribe_RetainedOnesMeanwhile_ComeOnceEachInTheirOrder(int qos)
    {
        var hold = new TaskCompletionSource();
        _broker.Publish("a/1", "before", qos, retain: Retain.Yes);
        _broker.Publish("a/2", "before", qos, retain: Retain.Yes);
        await using var client = _broker.Connect();
        await WarmUpAsync(client, qos);
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await client.SubscribeAsync("a/+", qos, retainHandling: 0);
        _broker.PublishNumbers(4, "a/1", qos, retain: Retain.Yes);

        _broker.Publish("a/2", "not retained", qos);
        hold.SetResult();

        Assert.Equal(["before", "0", "1", "2", "3", "not retained"], (await client.ReceiveAsync(6)).Select(s => s.Payload));
        Assert.Equal([true, false, false, false, false, false], client.Output.Publishes.Select(s => s.Retain));
    }

    [Fact]
    public async Task Subscribe_RetainedOnesMeanwhileByARoute_ComeOnceEachInTheirOrder()
    {
        var (hold, alerts) = (new TaskCompletionSource(), _broker.Cache.Topic("alerts"));
        await using var client = _broker.Connect();
        await client.SubscribeAsync("alerts/warm/up", qos: 1);
        _broker.Publish("alerts/warm/up", "warm", qos: 1, into: alerts);
        await client.ReceiveAsync(1);
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await client.SubscribeAsync("alerts/#", qos: 1, retainHandling: 0);
        _broker.Publish("alerts/a", "0", qos: 1, retain: Retain.Yes, into: alerts);
        _broker.Publish("alerts/a", "1", qos: 1, retain: Retain.Yes, into: alerts);
        hold.SetResult();

        Assert.Equal(["warm", "0", "1"], (await client.ReceiveAsync(3)).Select(s => s.Payload));
    }

    [Fact]
    public async Task Subscribe_AgainWithMessagesThatWaited_ComeOnceEachInTheirOrder()
    {
        await using var other = _broker.Connect(clientId: "other");
        await WarmUpAsync(other, qos: 1);
        var (hold, session) = (new TaskCompletionSource(), await LeaveFourAsync());
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await using var client = _broker.Connect(session: session);
        await client.SubscribeAsync("a", qos: 1, retainHandling: 0);
        hold.SetResult();
        await client.ReceiveAsync(4);
        _broker.Publish("a", "4", qos: 1);

        Assert.Equal(["0", "1", "2", "3", "4"], (await client.ReceiveAsync(5)).Select(s => s.Payload));
    }

    [Fact]
    public async Task Subscribe_AgainWithMessagesOnTheirWay_RetainedBehindThem()
    {
        var output = new FakeOutput { Places = 1 };
        await using var client = _broker.Connect(output, await LeaveFourAsync());
        await client.ReceiveAsync(1);
        await client.SubscribeAsync("a", qos: 1, retainHandling: 0);
        output.Places = int.MaxValue;
        await Eventually.HoldsAsync(() => output.Payloads.Contains("3"));
        _broker.Publish("a", "4", qos: 1);

        // Whether the last of them comes again, as it was asked for, depends on how many were on their way.
        await Eventually.HoldsAsync(() => output.Payloads.Contains("4"));
        Assert.Equal(["0", "1", "2", "3", "4"], output.Payloads.Distinct());
        Assert.DoesNotContain(output.Publishes.Take(4), s => s.Retain);
    }

    /// <summary>Live messages that waited for an acknowledgement when a SUBSCRIBE came do not overtake its retained ones.</summary>
    [Fact]
    public async Task Subscribe_WhileTheReceiveMaximumIsReached_RetainedFirst()
    {
        _broker.Publish("a", "retained", qos: 1, retain: Retain.Only);
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 1, MaximumPacketSize = 50 });
        await client.SubscribeAsync("warm/up", qos: 1);
        _broker.Publish("warm/up", "unsettled", qos: 1);
        var first = (await client.ReceiveAsync(1))[0];
        _broker.Publish("warm/up", new string('x', 100), qos: 1);
        await _broker.FeedIsAtTheEndAsync();
        await client.SubscribeAsync("a", qos: 1, retainHandling: 0);
        _broker.Publish("a", "live", qos: 1);
        await _broker.FeedIsAtTheEndAsync();
        client.Output.Received = sent => client.Acknowledge(sent);
        client.Acknowledge(first);

        Assert.Equal(["unsettled", "retained", "live"], (await client.ReceiveAsync(3)).Select(s => s.Payload));
    }

    [Fact]
    public async Task Subscribe_MoreThanTheOutputHolds_FlowsAsItIsTaken()
    {
        for (var i = 0; i < 300; i++)
        {
            _broker.Publish($"a/{i}", $"{i}", qos: i % 2, retain: Retain.Only);
        }

        await using var client = _broker.Connect(new FakeOutput { Places = 10 });
        await client.SubscribeAsync("a/+", qos: 1, retainHandling: 0);
        await client.ReceiveAsync(10);

        client.Output.Places = int.MaxValue;

        await client.ReceiveAsync(300);
        Assert.Equal(300, client.Output.Payloads.Distinct().Count());
    }

    [Fact]
    public async Task Subscribe_QoS1MoreThanTheReceiveMaximum_WaitsForAcknowledgements()
    {
        for (var i = 0; i < 5; i++)
        {
            _broker.Publish($"a/{i}", $"{i}", qos: 1, retain: Retain.Only);
        }

        var output = new FakeOutput { ReceiveMaximum = 2 };
        await using var client = _broker.Connect(output);
        await client.SubscribeAsync("a/+", qos: 1, retainHandling: 0);
        await client.ReceiveAsync(2);

        output.Received = sent => client.Acknowledge(sent);
        output.Publishes.ToList().ForEach(sent => client.Acknowledge(sent));

        await client.ReceiveAsync(5);
    }

    [Fact]
    public async Task Subscribe_ExpiredOrOwnOrTooLarge_NotSent()
    {
        _broker.Publish("a/1", "short", expiry: 5, retain: Retain.Only);
        _broker.Publish("a/2", "long", expiry: 60, retain: Retain.Only);
        _broker.Publish("a/3", "own", from: "client", retain: Retain.Only);
        _broker.Publish("a/4", new string('x', 100), retain: Retain.Only);
        _broker.Time.Advance(TimeSpan.FromSeconds(6));
        await using var client = _broker.Connect(new FakeOutput { MaximumPacketSize = 50 });

        await client.SubscribeAsync("a/+", noLocal: true, retainHandling: 0);

        var sent = Assert.Single(await client.ReceiveAsync(1));
        Assert.Equal(("long", 54u), (sent.Payload, sent.Expiry));
    }

    [Fact]
    public async Task Subscribe_TopicOfRetainedMessagesIsMissing_LiveOnesArrive()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up", retainHandling: 2);
        _broker.Cache.Refusal = new(Streams.V1.Cause.UnknownTopic, "gone");

        await client.SubscribeAsync("a", retainHandling: 0);
        _broker.Publish("a", "live");

        await client.ReceiveAsync(1);
        Assert.Null(client.Output.Disconnected);
    }

    [Fact]
    public async Task Subscribe_CacheIsBehindKafka_WaitsForIt()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up", retainHandling: 2);
        _broker.Cache.Lag = 1;
        _broker.Publish("a", "retained", retain: Retain.Only);

        await client.SubscribeAsync("a", retainHandling: 0);
        await Eventually.HoldsAsync(() => _broker.Cache.Opened.Any(begin => begin.Kafka.Topic == "retained"));
        Assert.Empty(client.Output.Publishes);
        _broker.Publish("b", "brings the first into view", retain: Retain.Only);

        Assert.Equal("retained", Assert.Single(await client.ReceiveAsync(1)).Payload);
    }

    [Fact]
    public async Task Subscribe_QoS0RetainedHereIsUnderWay_WaitsForIt()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up", retainHandling: 2);
        var (writes, first) = (_broker.RetainedWrites, _broker.RetainedWrites.Begin());

        await client.SubscribeAsync("a", retainHandling: 0);
        var later = writes.Begin();
        Assert.NotEqual(first, later);
        Assert.DoesNotContain(_broker.Cache.Opened, begin => begin.Kafka.Topic == "retained");
        _broker.Publish("a", "retained", retain: Retain.Only);
        writes.Produced(first, default);

        Assert.Equal("retained", Assert.Single(await client.ReceiveAsync(1)).Payload);
        Assert.False(writes.SettledAsync().IsCompleted);
        writes.End(later);
        Assert.True(writes.SettledAsync().IsCompleted);
    }

    [Fact]
    public async Task Subscribe_RetainedAheadOfItsMessage_WaitsForIt()
    {
        var hold = new TaskCompletionSource();
        await using var client = _broker.Connect();
        await WarmUpAsync(client, qos: 1);
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await client.SubscribeAsync("a", qos: 1, retainHandling: 0);
        await Eventually.HoldsAsync(() => _broker.Cache.Opened.Any(begin => begin.Kafka.Topic == "retained"));
        _broker.Publish("a", "0", qos: 1, retain: Retain.Only);
        var underWay = _broker.RetainedWrites.Begin();
        hold.SetResult();

        // What begins then is not waited for any more.
        await Eventually.HoldsAsync(() =>
        {
            var later = _broker.RetainedWrites.Begin();
            _broker.RetainedWrites.End(later);
            return later > underWay;
        });
        Assert.Empty(client.Output.Publishes);

        _broker.Publish("a", "0", qos: 1, retain: Retain.Yes);
        _broker.RetainedWrites.End(underWay);
        await client.ReceiveAsync(1);
        _broker.Publish("a", "1", qos: 1);

        Assert.Equal(["0", "1"], (await client.ReceiveAsync(2)).Select(s => s.Payload));
        Assert.False(client.Output.Publishes[0].Retain);
    }

    [Fact]
    public async Task Subscribe_Shared_NoRetainedMessages()
    {
        _broker.Publish("a", "retained", retain: Retain.Only);
        await using var client = _broker.Connect();

        await client.SubscribeAsync("$share/g/a", retainHandling: 0);
        await client.SubscribeAsync("b", retainHandling: 0);
        _broker.Publish("b", "live");

        Assert.Equal("live", Assert.Single(await client.ReceiveAsync(1)).Payload);
    }

    [Fact]
    public async Task Subscribe_QoS2Retained_DurableBeforeItIsSent()
    {
        var durable = new TaskCompletionSource();
        _broker.Publish("a", "retained", qos: 2, retain: Retain.Only);
        await using var client = _broker.Connect();
        await client.SubscribeAsync("warm/up", retainHandling: 2);
        await client.SubscribeAsync("a", qos: 2, retainHandling: 2);
        client.Session.BeforeDurable = () => client.Session.Recorded.IsEmpty ? Task.CompletedTask : durable.Task;

        await client.SubscribeAsync("a", qos: 2, retainHandling: 0);
        await Eventually.HoldsAsync(() => !client.Session.Recorded.IsEmpty);
        Assert.Empty(client.Output.Publishes);
        durable.SetResult();

        var sent = Assert.Single(await client.ReceiveAsync(1));
        var recorded = Assert.Single(client.Session.Sent);
        Assert.Equal((sent.PacketId, "retained", 0L, true), ((ushort)recorded.PacketId, recorded.Topic, recorded.Offset, recorded.Retained));
        Assert.Equal("retained", Encoding.UTF8.GetString(_broker.RetainedMessages.At(0, recorded.Offset)!.Value!));
        Assert.Equal(QualityOfService.ExactlyOnce, sent.QualityOfService);
    }

    /// <summary>A session that has a subscription, and four retained messages to be sent.</summary>
    private async Task<FakeSession> LeaveFourAsync()
    {
        var session = new FakeSession();
        await using (var client = _broker.Connect(session: session))
        {
            await client.SubscribeAsync("a", qos: 1);
        }

        _broker.PublishNumbers(4, "a", qos: 1, retain: Retain.Yes);

        return session.Reattach();
    }

    /// <summary>The feed is there, and the client reads it.</summary>
    private async Task WarmUpAsync(Client client, int qos)
    {
        await client.SubscribeAsync("warm/up", qos);
        await _broker.FeedIsAtTheEndAsync();
        if (qos > 0)
        {
            await Eventually.HoldsAsync(() => client.Session.Progress.Contains("messages"));
        }
    }
}
