using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>QoS 1 to clients (§4.3.2), and what a session remembers of it.</summary>
public sealed class AtLeastOnceTests : IAsyncLifetime
{
    private readonly Broker _broker = new(options: new CacheOptions { QueueRecords = 4, RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetryDelay = TimeSpan.FromMilliseconds(4) });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 2, 2)]
    [InlineData(1, 0, 0)]
    [InlineData(null, 2, 1)]
    public async Task Publish_QoSIsTheLowerOne(int? published, int granted, int effective)
    {
        await using var client = _broker.Connect();
        Assert.Equal((ReasonCode)granted, await client.SubscribeAsync("a", granted));

        _broker.Publish("a", "1", published);

        Assert.Equal((QualityOfService)effective, Assert.Single(await client.ReceiveAsync(1)).QualityOfService);
    }

    [Fact]
    public async Task Acknowledge_OutOfOrder_ProgressIsTheLowestUnsettled()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a", qos: 1);
        _broker.PublishNumbers(4, "a", qos: 1);

        var sent = await client.ReceiveAsync(4);
        client.Acknowledge(sent[0]);
        client.Acknowledge(sent[2]);
        client.Acknowledge(sent[2]);
        _broker.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(KafkaProgress.Of(0, 1), client.Session.ProgressOf("messages"));

        client.Acknowledge(sent[1]);
        client.Acknowledge(sent[3]);
        Assert.Equal(KafkaProgress.Of(0, 1), client.Session.ProgressOf("messages"));
        _broker.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(KafkaProgress.Of(0, 4), client.Session.ProgressOf("messages"));
        Assert.Empty(client.Session.Recorded);
    }

    [Fact]
    public async Task Subscribe_StartsAtTheEndOfTheTopic()
    {
        _broker.Publish("a", "before", qos: 1);
        await using var client = _broker.Connect();

        await client.SubscribeAsync("a", qos: 1);
        _broker.Publish("a", "after", qos: 1);

        await client.ReceiveAsync(1);
        Assert.Equal(["after"], client.Output.Payloads);
        var start = Assert.Single(Assert.Single(client.Session.Changes).Start);
        Assert.True(KafkaProgress.TryDecode(start.Progress.Span, out var from));
        Assert.Equal(("messages", 1), (start.Topic, from[0]));
    }

    [Fact]
    public async Task Subscribe_SecondFilterWhileBehind_NothingFromBeforeIt()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 1 });
        await client.SubscribeAsync("a", qos: 1);
        for (var i = 0; i < 20; i++)
        {
            _broker.Publish("a", $"a{i}", qos: 1);
            _broker.Publish("b", $"before{i}", qos: 1);
        }

        await client.ReceiveAsync(1);
        await _broker.FeedIsAtTheEndAsync();
        await client.SubscribeAsync("b", qos: 1);
        _broker.Publish("b", "after", qos: 1);
        client.Output.Received = sent => client.Acknowledge(sent);
        client.Acknowledge(client.Output.Publishes[0]);

        await client.ReceiveAsync(21);
        Assert.Equal([.. Enumerable.Range(0, 20).Select(i => $"a{i}"), "after"], client.Output.Payloads);
        Assert.Single(client.Session.Changes.SelectMany(c => c.Start));
    }

    [Fact]
    public async Task Unsubscribe_TheLastDurableFilter_ItsProgressIsForgotten()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a", qos: 1);
        await client.SubscribeAsync("b", qos: 1);

        await client.UnsubscribeAsync("a");
        Assert.Equal(["messages"], client.Session.Progress);
        await client.UnsubscribeAsync("b");
        _broker.Publish("a", "1", qos: 1);
        await _broker.FeedIsAtTheEndAsync();

        Assert.Empty(client.Session.Progress);
        await client.SubscribeAsync("a", qos: 1);
        _broker.Publish("a", "2", qos: 1);
        await client.ReceiveAsync(1);
        Assert.Equal(["2"], client.Output.Payloads);
    }

    [Fact]
    public async Task Publish_TooLargeOrExpired_SettledWithoutBeingSent()
    {
        await using var client = _broker.Connect(new FakeOutput { MaximumPacketSize = 30 });
        await client.SubscribeAsync("a", qos: 1);
        _broker.Publish("a", "dead", qos: 1, expiry: 0);
        _broker.Publish("a", new string('x', 40), qos: 1);
        _broker.Publish("a", "small", qos: 1);

        client.Acknowledge(Assert.Single(await client.ReceiveAsync(1)));

        await Eventually.HoldsAsync(() =>
        {
            _broker.Time.Advance(TimeSpan.FromSeconds(1));
            return Equals(client.Session.ProgressOf("messages"), KafkaProgress.Of(0, 3));
        });
    }

    [Fact]
    public async Task Dispose_NothingWasForTheClient_ProgressIsThatOfTheFeed()
    {
        var client = _broker.Connect();
        await client.SubscribeAsync("a", qos: 1);
        await using var other = _broker.Connect(clientId: "other");
        await other.SubscribeAsync("b");
        _broker.PublishNumbers(5, "b", qos: 1);

        await other.ReceiveAsync(5);
        await client.DisposeAsync();

        Assert.Equal(KafkaProgress.Of(0, 5), client.Session.ProgressOf("messages"));
    }

    [Fact]
    public async Task Publish_ReplicasComeAndGo_EachOnceInOrder()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 5 });
        client.Output.Received = sent => client.Acknowledge(sent);
        await client.SubscribeAsync("a/#", qos: 1);
        for (var i = 0; i < 200; i++)
        {
            _broker.Publish($"a/{i % 3}", $"{i}", qos: 1);
            if (i % 50 == 25)
            {
                await _broker.Cache.CutAsync();
            }
        }

        await client.ReceiveAsync(200);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), client.Output.Payloads);
    }

    /// <summary>A client that keeps one for ever: what it has settled behind that is neither kept nor sent again.</summary>
    [Fact]
    public async Task Acknowledge_AllButOne_ProgressGoesPastIt_AndItAloneComesAgain()
    {
        const int Count = 1500;
        var client = _broker.Connect();
        client.Output.Received = sent =>
        {
            if (sent.Payload != "0")
            {
                client.Acknowledge(sent);
            }
        };
        await client.SubscribeAsync("a", qos: 1);
        for (var i = 0; i < Count; i++)
        {
            _broker.Publish("a", $"{i}", qos: 1);
        }

        await client.ReceiveAsync(Count);
        await Eventually.HoldsAsync(() =>
        {
            _broker.Time.Advance(TimeSpan.FromSeconds(1));
            return Equals(client.Session.ProgressOf("messages"), KafkaProgress.Of(0, Count));
        });
        Assert.Equal(client.Output.Publishes[0].PacketId, Assert.Single(client.Session.Sent).PacketId);

        // Without a word of this edge.
        await using var second = _broker.Connect(session: client.Session.Reattach());
        Assert.Equal(("0", true), (await second.ReceiveAsync(1)).Select(s => (s.Payload, s.IsDuplicate)).Single());
        _broker.Publish("a", "next", qos: 1);
        Assert.Equal("next", (await second.ReceiveAsync(2))[1].Payload);
        await client.DisposeAsync();
    }

    /// <summary>What is still being sent of a topic comes before what a subscription begins with that is made meanwhile.</summary>
    [Fact]
    public async Task Subscribe_WhileTheOneBeforeIsStillSending_InOrder()
    {
        await using var client = _broker.Connect(new FakeOutput { Places = 1 });
        await client.SubscribeAsync("a", qos: 1);
        for (var i = 0; i < 3; i++)
        {
            _broker.Publish("a", $"{i}", qos: 1);
        }

        await client.ReceiveAsync(1);
        await _broker.FeedIsAtTheEndAsync();
        await client.UnsubscribeAsync("a");
        await client.SubscribeAsync("a", qos: 1);
        _broker.Publish("a", "last", qos: 1);
        await _broker.FeedIsAtTheEndAsync();
        client.Output.Places = int.MaxValue;

        await Eventually.HoldsAsync(() => client.Output.Payloads.Contains("last"));
        Assert.Equal(client.Output.Payloads.Order(), client.Output.Payloads);
    }
}
