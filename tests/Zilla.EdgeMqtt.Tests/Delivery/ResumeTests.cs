using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>What a client that comes back is sent (§4.1, 4.4).</summary>
public sealed class ResumeTests : IAsyncLifetime
{
    private readonly Broker _broker = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Resume_UnsettledThenWhatWasPublishedMeanwhile(int qos)
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a/#", qos, identifier: 9);
        _broker.PublishNumbers(4, "a/x", qos);

        var before = await first.ReceiveAsync(4);
        await CompleteAsync(first, before[1]);
        await first.DisposeAsync();
        _broker.Publish("a/x", "4", qos);
        _broker.Publish("a/x", "lost", qos: 0);
        _broker.Publish("b", "other", qos);
        await _broker.FeedIsAtTheEndAsync();

        await using var second = _broker.Connect(session: first.Session.Reattach());
        _broker.Publish("a/x", "5", qos);

        var after = await second.ReceiveAsync(5);
        Assert.Equal(["0", "2", "3", "4", "5"], after.Select(s => s.Payload));
        Assert.Equal([true, true, true, false, false], after.Select(s => s.IsDuplicate));
        Assert.Equal([before[0].PacketId, before[2].PacketId, before[3].PacketId], after.Take(3).Select(s => s.PacketId));
        Assert.All(after, s => Assert.Equal([9u], s.Identifiers));
        Assert.Equal(5, after.Select(s => s.PacketId).Distinct().Count());
    }

    /// <summary>It was sent the message by both of its connections, and answers both times: the second one says nothing of a message that it may not have had yet.</summary>
    [Fact]
    public async Task Resume_AnsweredTwice_TheNextMessageIsNotSettledByThat()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a", qos: 1);
        _broker.Publish("a", "0", qos: 1);
        await first.ReceiveAsync(1);
        await first.DisposeAsync();
        var second = _broker.Connect(new() { ReceiveMaximum = 1 }, first.Session.Reattach());
        _broker.Publish("a", "1", qos: 1);
        var again = Assert.Single(await second.ReceiveAsync(1));

        second.Acknowledge(again);
        var next = (await second.ReceiveAsync(2))[1];
        second.Acknowledge(again);
        await second.DisposeAsync();

        Assert.NotEqual(again.PacketId, next.PacketId);
        await using var third = _broker.Connect(session: second.Session.Reattach());
        Assert.Equal("1", Assert.Single(await third.ReceiveAsync(1)).Payload);
    }

    [Fact]
    public async Task Resume_FilterThatIsAllowedNoMore_IsNotInForce_AndIsWhenItIsAgain()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a", qos: 1);
        await first.SubscribeAsync("b", qos: 1);
        await first.DisposeAsync();

        var second = _broker.Connect(session: first.Session.Reattach(), isAllowed: filter => filter == (MqttString)"b");
        _broker.Publish("a", "1", qos: 1);
        _broker.Publish("b", "2", qos: 1);
        second.Acknowledge(Assert.Single(await second.ReceiveAsync(1)));
        Assert.Equal(["b"], second.Delivery.Filters.Select(filter => filter.ToString()));
        await second.DisposeAsync();

        await using var third = _broker.Connect(session: second.Session.Reattach());
        _broker.Publish("a", "3", qos: 1);
        Assert.Equal("3", (await third.ReceiveAsync(1))[0].Payload);
    }

    [Fact]
    public async Task Progress_OfAClientThatNothingIsFor_FollowsTheFeed_OnceAMinute()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a", qos: 1);
        foreach (var number in Enumerable.Range(0, 5))
        {
            _broker.Publish("b", $"{number}", qos: 1);
        }

        await _broker.FeedIsAtTheEndAsync();
        Assert.Empty(client.Session.Reported);
        await Eventually.HoldsAsync(() => Reported() == 5);

        _broker.Publish("a", "unsettled", qos: 1);
        var sent = Assert.Single(await client.ReceiveAsync(1));
        _broker.Publish("b", "6", qos: 1);
        await _broker.FeedIsAtTheEndAsync();
        foreach (var _ in Enumerable.Range(0, 180))
        {
            Assert.Equal(5, Reported()); // not past what is unsettled
        }

        client.Acknowledge(sent);
        await Eventually.HoldsAsync(() => Reported() == 7);

        long Reported()
        {
            _broker.Time.Advance(TimeSpan.FromSeconds(1));
            return client.Session.Reported.LastOrDefault()?.Progress.LastOrDefault() is { } last && KafkaProgress.TryDecode(last.Progress.Span, out var progress) ? progress[0] ?? -1 : -1;
        }
    }

    [Fact]
    public async Task Resume_PubrecHadCome_PubrelAlone()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a", qos: 2);
        _broker.Publish("a", "1", qos: 2);
        var sent = Assert.Single(await first.ReceiveAsync(1));
        first.Acknowledge(sent);
        await Eventually.HoldsAsync(() => first.Output.All.Count == 2);
        await first.DisposeAsync();

        await using var second = _broker.Connect(session: first.Session.Reattach());

        await Eventually.HoldsAsync(() => second.Output.All.Count == 1);
        Assert.Equal((PacketType.Pubrel, sent.PacketId), (second.Output.All[0].Type, second.Output.All[0].PacketId));
        second.Delivery.Acknowledge(PacketType.Pubcomp, sent.PacketId, ReasonCode.Success);
        _broker.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(second.Session.Sent);
    }

    [Fact]
    public async Task Resume_WithoutAWordOfTheEdgeBefore_QoS1IsSentAgainQoS2IsNot()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("#", qos: 2);
        _broker.Publish("a", "two", qos: 2);
        var two = Assert.Single(await first.ReceiveAsync(1));
        _broker.Publish("a", "one", qos: 1);
        var one = (await first.ReceiveAsync(2))[1];
        await CompleteAsync(first, two);
        first.Acknowledge(one);

        // That edge dies: nothing is reported but what had to be durable.
        await using var second = _broker.Connect(session: first.Session.Reattach());
        await Eventually.HoldsAsync(() => second.Output.Payloads.Contains("one"));
        Assert.Equal((PacketType.Pubrel, two.PacketId), (second.Output.All[0].Type, second.Output.All[0].PacketId));
        Assert.DoesNotContain("two", second.Output.Payloads);
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Resume_ContentIsGoneOrExpired_SettledSilently()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("#", qos: 1, retainHandling: 2);
        _broker.Publish("a", "short", qos: 1, expiry: 5);
        _broker.Publish("a", "stays", qos: 1);
        await first.ReceiveAsync(2);
        await first.DisposeAsync();
        var session = first.Session.Reattach();
        session.Attached.Delivery.Sent.Add(new Streams.V1.MqttSent { PacketId = 700, Topic = "unknown", Offset = 5, Qos = 1 });
        _broker.Time.Advance(TimeSpan.FromSeconds(6));

        await using var second = _broker.Connect(session: session);

        Assert.Equal("stays", Assert.Single(await second.ReceiveAsync(1)).Payload);
        await Eventually.HoldsAsync(() =>
        {
            _broker.Time.Advance(TimeSpan.FromSeconds(1));
            return second.Session.Sent.Count == 1;
        });
    }

    [Fact]
    public async Task Resume_SubscriptionsOfQoS0_LiveAgain()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a", qos: 0, identifier: 3, noLocal: true);
        await first.DisposeAsync();
        _broker.Publish("a", "away");
        await _broker.FeedIsAtTheEndAsync();

        await using var second = _broker.Connect(session: first.Session.Reattach());
        await Eventually.HoldsAsync(() =>
        {
            _broker.Publish("a", "own", from: "client");
            _broker.Publish("a", "there");
            return second.Output.Publishes.Count > 0;
        });

        Assert.All(second.Output.Publishes, s => Assert.True(s is { Payload: "there", Identifiers: [3] }));
        Assert.Empty(second.Session.Progress);
    }

    /// <summary>The client subscribed at an edge that was ahead of this one: what is live here may be from before that, whatever its QoS (decision 0033).</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public async Task Resume_FeedIsBehindWhereAFilterBegins_NothingLiveFromBeforeIt(int granted, int published)
    {
        for (var i = 0; i < 4; i++)
        {
            _broker.Publish("b", $"{i}", published);
        }

        _broker.Cache.Lag = 4;
        await using var client = _broker.Connect(session: Session(new() { Filter = "b", Qos = (uint)granted }, begins: 3));
        await client.SubscribeAsync("other");
        _broker.Cache.Lag = 0;
        _broker.Messages.Pulse();
        _broker.Publish("b", "4", published);

        Assert.Equal(["3", "4"], (await client.ReceiveAsync(2)).Select(s => s.Payload));
    }

    /// <summary>Also where the client says again what its session has.</summary>
    [Fact]
    public async Task Subscribe_AgainWhileTheFeedIsBehindWhereTheFilterBegins_NothingFromBeforeIt()
    {
        for (var i = 0; i < 4; i++)
        {
            _broker.Publish("b", $"{i}");
        }

        _broker.Cache.Lag = 4;
        await using var client = _broker.Connect(session: Session(new() { Filter = "b" }, begins: 3));
        await client.SubscribeAsync("b");
        _broker.Cache.Lag = 0;
        _broker.Messages.Pulse();

        Assert.Equal("3", Assert.Single(await client.ReceiveAsync(1)).Payload);
    }

    /// <summary>What lies behind the session's progress may be for any of its filters: one that is not in force yet would never be sent what was passed over.</summary>
    [Fact]
    public async Task Resume_NothingIsReadBeforeAllFiltersAreInForce()
    {
        var alerts = _broker.Dispatchers.Lease(new("cluster", "alerts"));
        await alerts.PositionAsync(CancellationToken.None);
        _broker.Publish("a", "1", qos: 1);
        _broker.Publish("alerts/x", "2", qos: 1);
        await _broker.FeedIsAtTheEndAsync();

        // Its first filter is in force; the other has to wait for the feed of alerts.
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var letGo = new ManualResetEventSlim();
        var holding = Task.Factory.StartNew(() => alerts.IfLive(_ => HoldUntil(letGo, held)), TaskCreationOptions.LongRunning);
        await held.Task;
        var output = new FakeOutput();
        var connected = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        var connecting = new Thread(() => connected.SetResult(_broker.Connect(output, Session(new() { Filter = "alerts/x", Qos = 1 }, begins: 0)))) { IsBackground = true };
        try
        {
            connecting.Start();
            await Eventually.HoldsAsync(() => connecting.ThreadState.HasFlag(ThreadState.WaitSleepJoin));

            // Who comes later, and waits for nothing, is sent what it is for.
            await using var other = _broker.Connect(session: Session(new() { Filter = "b", Qos = 1 }, begins: 0), clientId: "other");
            Assert.Equal("1", Assert.Single(await other.ReceiveAsync(1)).Payload);
            Assert.Empty(output.Publishes);
        }
        finally
        {
            letGo.Set();
            await holding;
        }

        await using var client = await connected.Task;
        Assert.Equal(["1", "2"], (await client.ReceiveAsync(2)).Select(s => s.Payload));
        _broker.Dispatchers.Release(alerts);
    }

    /// <summary>Then no place in the topic that was there before means anything.</summary>
    [Fact]
    public async Task Resume_TopicWasMadeAnew_WhatIsLiveArrives_AndNothingCountsAsSent()
    {
        _broker.Cache.StartsAnewBehindTheEnd = true;
        var session = Session(new() { Filter = "b" }, begins: 2000, progress: 1000);
        session.Attached.Delivery.Sent.Add(new Streams.V1.MqttSent { PacketId = 7, Topic = "messages", Offset = 1, Qos = 1 });
        await using var client = _broker.Connect(session: session);
        await client.SubscribeAsync("other");
        _broker.Publish("a", "0", qos: 1);
        _broker.Publish("a", "1", qos: 1);

        await Eventually.HoldsAsync(() => client.Output.Publishes.Where(s => !s.IsDuplicate).Select(s => s.Payload).SequenceEqual(["0", "1"]));
        _broker.Publish("b", "live");
        await Eventually.HoldsAsync(() => client.Output.Payloads.Contains("live"));
    }

    /// <summary>A client that answers what it is not asked for, for it has had it: no message more, and no place less.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Acknowledge_BeforeItIsSentAgain_IsNotSent(int qos)
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a", qos);
        _broker.Publish("a", "1", qos);
        var sent = Assert.Single(await first.ReceiveAsync(1));
        await first.DisposeAsync();

        var hold = new TaskCompletionSource();
        _broker.Cache.BeforeAnswer = () => hold.Task;
        await using var second = _broker.Connect(new FakeOutput { ReceiveMaximum = 1 }, first.Session.Reattach());
        second.Acknowledge(sent);
        await Eventually.HoldsAsync(() => second.Output.All.Count == qos - 1);
        hold.SetResult();
        second.Delivery.Acknowledge(PacketType.Pubcomp, sent.PacketId, ReasonCode.Success);
        _broker.Publish("a", "2", qos);

        Assert.Equal("2", Assert.Single(await second.ReceiveAsync(1)).Payload);
    }

    private static void HoldUntil(ManualResetEventSlim letGo, TaskCompletionSource held)
    {
        held.SetResult();
        letGo.Wait();
    }

    /// <summary>One that is for "a" as well, at least once, and has got as far as <paramref name="progress"/>.</summary>
    private static FakeSession Session(Streams.V1.MqttSubscription subscription, long begins, long progress = 0)
    {
        var attached = new Streams.V1.MqttAttached { SessionPresent = true, Delivery = new() { Progress = { At(progress) } } };
        attached.Subscriptions.Add([new() { Filter = "a", Qos = 1 }, subscription]);
        attached.Delivery.Starts.Add(new Streams.V1.MqttFilterStart { Filters = { subscription.Filter }, Start = { At(begins) } });
        return new(attached);

        static Streams.V1.MqttTopicProgress At(long offset) => new() { Topic = "messages", Progress = Google.Protobuf.ByteString.CopyFrom(KafkaProgress.Of(0, offset).Encode()) };
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Resume_AgainAndAgainInRandomPlaces_NothingLostQoS2Once(int seed)
    {
        const int Connections = 12, Each = 15;
        var random = new Random(seed);
        var subscriber = new RandomSubscriber(random);
        var session = new FakeSession();
        for (var connection = 0; connection < Connections; connection++)
        {
            var isLast = connection == Connections - 1;
            var answers = isLast ? int.MaxValue : random.Next(40);
            var client = _broker.Connect(new FakeOutput { ReceiveMaximum = (ushort)random.Next(1, 8) }, session, before: c => subscriber.Follow(c, answers));
            if (connection == 0)
            {
                await client.SubscribeAsync("a", qos: 2);
            }

            for (var i = 0; i < Each; i++)
            {
                _broker.Publish("a", $"{(connection * Each) + i}", qos: 1 + random.Next(2));
            }

            var patience = random.Next(5);
            await Eventually.HoldsAsync(
                () => isLast ? subscriber.Seen == Connections * Each : subscriber.IsTired || patience-- <= 0, TimeSpan.FromSeconds(30), $"seed {seed}: {Connections * Each} arrive");
            await client.DisposeAsync();
            session = session.Reattach();
        }

        Assert.Empty(subscriber.SeenTwice);
    }

    private static async Task CompleteAsync(Client client, Sent sent)
    {
        client.Acknowledge(sent);
        if (sent.QualityOfService == QualityOfService.ExactlyOnce)
        {
            await Eventually.HoldsAsync(() => client.Output.All.Any(s => s.Type == PacketType.Pubrel && s.PacketId == sent.PacketId));
            client.Delivery.Acknowledge(PacketType.Pubcomp, sent.PacketId, ReasonCode.Success);
        }
    }
}
