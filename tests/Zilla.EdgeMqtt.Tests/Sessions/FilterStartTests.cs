using System.Text;
using Google.Protobuf;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Delivery;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;
using ISession = Zilla.EdgeMqtt.Sessions.ISession;

namespace Zilla.EdgeMqtt.Tests.Sessions;

/// <summary>
/// A client that is behind, with filters that it has not always had: it is sent what each is for, however it comes back. The delivery of an edge, the session's owner, and
/// the streams between them.
/// </summary>
public sealed class FilterStartTests : IAsyncLifetime
{
    private readonly Broker _broker = new(partitions: 2);
    private readonly SessionCluster _cluster = new();
    private readonly List<Connected> _clients = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.LeaveAsync();
        }

        await _broker.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData(Loss.OfTheConnection)]
    [InlineData(Loss.OfTheEdge)]
    [InlineData(Loss.OfTheOwner)]
    public async Task Reconnect_AllOfTheOldFilter_OfTheNewOneWhatCameAfterIt(Loss loss)
    {
        var first = await BehindAsync();
        await SubscribeAsync(first, "b", 1);
        Publish("b", "after");

        var second = await ComeBackAsync(first, loss);

        Assert.Equal([.. Enumerable.Range(0, 10).Select(i => $"a{i}"), "after"], await AllAsync(second, 11));
        await second.LeaveAsync();
        Assert.Empty(await StoredStartsAsync());
    }

    [Fact]
    public async Task Reconnect_SeveralTimesStillBehind_TheStartStays()
    {
        var client = await BehindAsync();
        await SubscribeAsync(client, "b", 1);
        Publish("b", "after");
        for (var i = 0; i < 3; i++)
        {
            client = await ComeBackAsync(client, i == 1 ? Loss.OfTheOwner : Loss.OfTheConnection, receiveMaximum: 1);
            await client.Mqtt.ReceiveAsync(1);
        }

        client = await ComeBackAsync(client, Loss.OfTheConnection);
        Assert.Equal([.. Enumerable.Range(0, 10).Select(i => $"a{i}"), "after"], await AllAsync(client, 11));
    }

    [Fact]
    public async Task Reconnect_FilterWasReplaced_AllSinceItWasThereFirst()
    {
        var first = await BehindAsync();
        await SubscribeAsync(first, "b", 1);
        Publish("b", "between");
        await SubscribeAsync(first, "b", 2);
        Publish("b", "after");

        var second = await ComeBackAsync(first, Loss.OfTheConnection);

        Assert.Equal(["between", "after"], (await AllAsync(second, 12)).Skip(10));
    }

    [Fact]
    public async Task Reconnect_UnsubscribedAndSubscribedAgain_WhatCameAfterThat()
    {
        var first = await BehindAsync();
        await SubscribeAsync(first, "b", 1);
        Publish("b", "between");
        await first.Mqtt.UnsubscribeAsync("b");
        await SubscribeAsync(first, "b", 1);
        Publish("b", "after");

        var second = await ComeBackAsync(first, Loss.OfTheConnection);

        Assert.Equal(["after"], (await AllAsync(second, 11)).Skip(10));
    }

    [Fact]
    public async Task Reconnect_OverlappingFilters_EachMessageIsForThoseThatWereThere()
    {
        var first = await ConnectAsync(receiveMaximum: 1);
        await SubscribeAsync(first, "a/+", 1, identifier: 1);
        Publish("a/x", "0", qos: 2);
        await first.Mqtt.ReceiveAsync(1);
        Publish("a/x", "before", qos: 2);
        await SubscribeAsync(first, "a/#", 2, identifier: 2);
        await SubscribeAsync(first, "+/x", 0, identifier: 3);
        Publish("a/x", "after", qos: 2);

        var second = await ComeBackAsync(first, Loss.OfTheConnection);
        await AllAsync(second, 3);

        Assert.Equal(["0 1 1", "before 1 1", "after 2 1,2,3"], second.Mqtt.Output.Publishes.Select(s => $"{s.Payload} {(int)s.QualityOfService} {string.Join(',', s.Identifiers)}"));
    }

    [Fact]
    public async Task Connect_RecordWithoutStarts_EveryFilterIsFromAlways()
    {
        Publish("b", "1");
        Store(progress: KafkaProgress.Of(0, 0));

        Assert.Equal(["1"], await AllAsync(await ConnectAsync(), 1));
    }

    /// <summary>Where nothing is known of a partition, all of it is for the filter.</summary>
    [Fact]
    public async Task Connect_PartitionThatTheStartDoesNotName_AllOfIt()
    {
        foreach (var partition in new[] { 0, 1 })
        {
            Publish("b", $"{partition}.0", partition: partition);
            Publish("b", $"{partition}.1", partition: partition);
        }

        Store(progress: KafkaProgress.Of(0, 0), start: KafkaProgress.Of(0, 1));

        Assert.Equal(["0.1", "1.0", "1.1"], (await AllAsync(await ConnectAsync(), 3)).Order());
    }

    [Fact]
    public async Task Connect_TopicWasMadeAnew_AllOfItIsNews()
    {
        _broker.Cache.StartsAnewBehindTheEnd = true;
        Publish("b", "1");
        Publish("b", "2");
        Store(progress: KafkaProgress.Of(0, 1000), start: KafkaProgress.Of(0, 2000));

        Assert.Equal(["1", "2"], await AllAsync(await ConnectAsync(), 2));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    /// <summary>What comes while a filter is there is sent, and nothing that came while none was, whatever happens in between.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task AnyHistory_NothingLost_NothingFromBefore(int seed)
    {
        var random = new Random(seed);
        string[] topics = ["a", "b", "c"];
        HashSet<string> subscribed = [], expected = [], received = [];
        var (number, acknowledged) = (0, 0);
        var client = await ConnectAsync(receiveMaximum: 1);
        for (var step = 0; step < 30; step++)
        {
            var topic = topics[random.Next(topics.Length)];
            switch (random.Next(8))
            {
                case 0 when subscribed.Add(topic):
                    await SubscribeAsync(client, topic, 1);
                    break;
                case 1:
                    received.UnionWith(client.Mqtt.Output.Payloads);
                    client = await ComeBackAsync(client, (Loss)random.Next(3), receiveMaximum: 1);
                    acknowledged = 0;
                    break;
                case 2 when client.Mqtt.Output.Publishes is var sent && sent.Count > acknowledged:
                    client.Mqtt.Acknowledge(sent[acknowledged++]);
                    break;
                default:
                    expected.UnionWith(subscribed.Contains(topic) ? [$"{number}"] : []);
                    Publish(topic, $"{number++}", partition: random.Next(2));
                    break;
            }
        }

        received.UnionWith(client.Mqtt.Output.Payloads);
        client = await ComeBackAsync(client, Loss.OfTheOwner);
        client.Mqtt.Output.Received = sent => client.Mqtt.Acknowledge(sent);
        client.Mqtt.Output.Publishes.ToList().ForEach(sent => client.Mqtt.Acknowledge(sent));
        await SubscribeAsync(client, "end", 1);
        Publish("end", "end 0", partition: 0);
        Publish("end", "end 1", partition: 1);
        expected.UnionWith(["end 0", "end 1"]);
        await ReceiveAllAsync(client, [.. expected.Except(received)], seed);
        received.UnionWith(client.Mqtt.Output.Payloads);
        Assert.True(received.SetEquals(expected), $"seed {seed}: {string.Join(' ', received.Except(expected))} came before");
    }

    public enum Loss
    {
        OfTheConnection,
        OfTheEdge,
        OfTheOwner,
    }

    /// <summary>It has been sent one of ten messages of "a", and as many of "b", to which it does not subscribe, lie before its place too.</summary>
    private async Task<Connected> BehindAsync()
    {
        var client = await ConnectAsync(receiveMaximum: 1);
        await SubscribeAsync(client, "a", 1);
        Publish("a", "a0");
        await client.Mqtt.ReceiveAsync(1);
        for (var i = 1; i < 10; i++)
        {
            Publish("b", $"before{i}");
            Publish("a", $"a{i}");
        }

        return client;
    }

    private void Publish(string topic, string payload, int qos = 1, int partition = 0) => _broker.Publish(topic, payload, qos, partition: partition);

    /// <summary>When the edge has seen all that was published before.</summary>
    private async Task SubscribeAsync(Connected client, string filter, int qos, uint identifier = 0)
    {
        var dispatcher = _broker.Dispatchers.Lease(new("cluster", "messages"));
        await Eventually.HoldsAsync(async () => await dispatcher.PositionAsync(CancellationToken.None) is var at && at[0] == _broker.Messages.End(0) && at[1] == _broker.Messages.End(1));
        _broker.Dispatchers.Release(dispatcher);
        Assert.Equal((ReasonCode)qos, await client.Mqtt.SubscribeAsync(filter, qos, identifier));
    }

    private async Task<Connected> ConnectAsync(ushort receiveMaximum = ushort.MaxValue)
    {
        var session = await _cluster.ConnectAsync("c", expiry: 3600);
        var mqtt = new Client(new FakeOutput { ReceiveMaximum = receiveMaximum }, new());
        mqtt.Delivery = _broker.Deliveries.Create("c"u8.ToArray(), mqtt.Output, session, _broker);
        mqtt.Delivery.Resume(_ => true);
        var client = new Connected(mqtt, session);
        _clients.Add(client);
        return client;
    }

    private async Task<Connected> ComeBackAsync(Connected client, Loss loss, ushort receiveMaximum = ushort.MaxValue)
    {
        // An edge that is lost reports nothing: the next connection takes the session over as it was.
        if (loss == Loss.OfTheOwner)
        {
            _cluster.FailOver();
        }

        if (loss != Loss.OfTheEdge)
        {
            await client.LeaveAsync();
        }

        return await ConnectAsync(receiveMaximum);
    }

    private static async Task ReceiveAllAsync(Connected client, IReadOnlyCollection<string> expected, int seed)
    {
        var output = client.Mqtt.Output;
        try
        {
            await Eventually.HoldsAsync(() => !expected.Except(output.Payloads).Any());
        }
        catch (TimeoutException)
        {
            Assert.Fail($"seed {seed}: lost {string.Join(' ', expected.Except(output.Payloads))}; sent {string.Join(' ', output.Payloads)}; ended for {output.Disconnected?.Cause ?? "nothing"}");
        }
    }

    /// <summary>All that it is sent, as it acknowledges it.</summary>
    private static async Task<IEnumerable<string>> AllAsync(Connected client, int count)
    {
        client.Mqtt.Output.Received = sent => client.Mqtt.Acknowledge(sent);
        foreach (var sent in client.Mqtt.Output.Publishes)
        {
            client.Mqtt.Acknowledge(sent);
        }

        await client.Mqtt.ReceiveAsync(count);
        return client.Mqtt.Output.Payloads;
    }

    /// <summary>A session of a client that subscribes to "b", as it was left.</summary>
    private void Store(KafkaProgress progress, KafkaProgress? start = null)
    {
        var delivery = new MqttDelivery { Progress = { At(progress) } };
        delivery.Starts.Add(start is null ? [] : [new MqttFilterStart { Filters = { "b" }, Start = { At(start) } }]);
        _cluster.Partition.Put("c", SubscriptionsRecord.Write([new() { Filter = "b", Qos = 1, RetainHandling = 2 }]));
        _cluster.Partition.Put("c#progress", ProgressRecord.Write(delivery));

        static MqttTopicProgress At(KafkaProgress at) => new() { Topic = "messages", Progress = ByteString.CopyFrom(at.Encode()) };
    }

    private async Task<IEnumerable<MqttFilterStart>> StoredStartsAsync() =>
        await _cluster.Partition.GetAsync(Encoding.UTF8.GetBytes("c#progress"), CancellationToken.None) is { } record && ProgressRecord.TryRead(record.Value, out var stored)
            ? stored.Starts : throw new InvalidOperationException("It has no progress.");

    private sealed class Connected(Client mqtt, ISession session)
    {
        private bool _hasLeft;

        public Client Mqtt => mqtt;

        public async Task LeaveAsync()
        {
            if (!_hasLeft)
            {
                _hasLeft = true;
                await mqtt.DisposeAsync();
                await session.DisposeAsync();
            }
        }
    }
}
