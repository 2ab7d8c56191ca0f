using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Zilla.Edge.Cache;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Streams.Kafka;
using Zilla.Testing;
using Subscription = Zilla.EdgeMqtt.Packets.Subscription;
using TopicName = Zilla.Edge.Cache.TopicName;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>What an edge has for the delivery to its clients, on a cache in memory; a test says what is published and who subscribes.</summary>
internal sealed class Broker : IMessageTopics, IAsyncDisposable
{
    private readonly CacheClient _client;
    private readonly ReportClock _reports;

    public Broker(int partitions = 1, CacheOptions? options = null, DeliveryOptions? delivery = null)
    {
        (Messages, RetainedMessages) = (Cache.Topic("messages", partitions), Cache.Topic("retained"));
        Cache.Topic("alerts");
        var deliveryOptions = Options.Create(delivery ?? new());
        _client = Caches.Client(options ?? new CacheOptions { RetryDelay = TimeSpan.FromMilliseconds(1), MaxRetryDelay = TimeSpan.FromMilliseconds(4) }, null, Cache);
        RetainedWrites = new();
        Dispatchers = new(_client, deliveryOptions, Time);
        _reports = new(deliveryOptions, Time);
        Deliveries = new(_client, Dispatchers, _reports, RetainedWrites, deliveryOptions, Time, NullLogger<Deliveries>.Instance);
    }

    public FakeCache Cache { get; } = new();

    public ManualTime Time { get; } = new();

    public FakeTopic Messages { get; }

    public FakeTopic RetainedMessages { get; }

    public TopicDispatchers Dispatchers { get; }

    public Deliveries Deliveries { get; }

    public RetainedWrites RetainedWrites { get; }

    public TopicName Retained => new("cluster", "retained");

    public IReadOnlyList<TopicName> Of(ReadOnlySpan<byte> filter) =>
        filter.StartsWith("nowhere"u8) ? [] : filter.StartsWith("alerts/"u8) ? [new("cluster", "alerts"), new("cluster", "messages")] : [new("cluster", "messages")];

    public Client Connect(FakeOutput? output = null, FakeSession? session = null, string clientId = "client", Action<Client>? before = null, Predicate<MqttString>? isAllowed = null)
    {
        var client = new Client(output ?? new(), session ?? new());
        client.Delivery = Deliveries.Create(Encoding.UTF8.GetBytes(clientId), client.Output, client.Session, this);
        before?.Invoke(client);
        client.Delivery.Resume(isAllowed ?? (_ => true));
        return client;
    }

    /// <summary>As the publish path writes it.</summary>
    /// <param name="topic">Of MQTT.</param>
    /// <param name="payload">Null: a tombstone.</param>
    /// <param name="qos">Null: no header of it, as of a producer that knows nothing of MQTT.</param>
    /// <param name="from">Client id of the publisher.</param>
    /// <param name="expiry">Seconds.</param>
    /// <param name="retain">In the topic of retained messages as well, in that alone, or not.</param>
    /// <param name="partition">Of the messages topic.</param>
    /// <param name="into">Another topic than that of messages.</param>
    public void Publish(string topic, string? payload, int? qos = 0, string? from = null, uint? expiry = null, Retain retain = Retain.No, int partition = 0, FakeTopic? into = null)
    {
        var headers = new List<RecordHeader>();
        if (qos is not null)
        {
            headers.AddRange(topic.Split('/').Select(level => Header("zilla:filter", Encoding.UTF8.GetBytes(level))));
            headers.Add(Header("zilla:qos", Encoding.UTF8.GetBytes($"{qos}")));
        }

        if (retain != Retain.No)
        {
            headers.Add(Header("zilla:retain", "1"u8.ToArray()));
        }

        if (from is not null)
        {
            headers.Add(Header("zilla:local", Encoding.UTF8.GetBytes(from)));
        }

        if (expiry is { } seconds)
        {
            var value = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(value, seconds);
            headers.Add(Header("zilla:expiry", value));
        }

        foreach (var (log, at) in new[] { (into ?? Messages, retain == Retain.Only ? -1 : partition), (RetainedMessages, retain == Retain.No ? -1 : 0) }.Where(l => l.Item2 >= 0))
        {
            log.Timestamp = Time.GetUtcNow().ToUnixTimeMilliseconds();
            log.Append(at, Encoding.UTF8.GetBytes(topic), payload is null ? null : Encoding.UTF8.GetBytes(payload), [.. headers]);
        }
    }

    /// <summary>One after the other, so many messages to one topic: "0", "1" …</summary>
    public void PublishNumbers(int count, string topic, int qos, Retain retain = Retain.No)
    {
        for (var i = 0; i < count; i++)
        {
            Publish(topic, $"{i}", qos, retain: retain);
        }
    }

    /// <summary>Waits until the live feed has brought all that was published.</summary>
    public async Task FeedIsAtTheEndAsync()
    {
        var dispatcher = Dispatchers.Lease(new("cluster", "messages"));
        await Eventually.HoldsAsync(async () => (await dispatcher.PositionAsync(CancellationToken.None))[0] == Messages.End(0));
        Dispatchers.Release(dispatcher);
    }

    public async ValueTask DisposeAsync()
    {
        _reports.Dispose();
        _client.Dispose();
        await Cache.DisposeAsync();
    }

    private static RecordHeader Header(string name, byte[] value) => new(Encoding.UTF8.GetBytes(name), value);
}

internal enum Retain
{
    No,
    Yes,
    Only,
}

/// <summary>A connected client.</summary>
internal sealed class Client(FakeOutput output, FakeSession session) : IAsyncDisposable
{
    public FakeOutput Output { get; } = output;

    public FakeSession Session { get; } = session;

    public IDelivery Delivery { get; set; } = null!;

    public async Task<ReasonCode> SubscribeAsync(string filter, int qos = 0, uint identifier = 0, bool noLocal = false, bool retainAsPublished = false, int retainHandling = 2)
    {
        var subscription = new Subscription(Filters.Of(filter), (QualityOfService)qos, noLocal, retainAsPublished, (RetainHandling)retainHandling);
        return (await Delivery.SubscribeAsync([subscription], identifier, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)))[0];
    }

    public async Task<ReasonCode> UnsubscribeAsync(string filter) =>
        (await Delivery.UnsubscribeAsync([Filters.Of(filter)], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)))[0];

    /// <summary>Waits until that many PUBLISH packets have come, and gives them.</summary>
    public async Task<IReadOnlyList<Sent>> ReceiveAsync(int count)
    {
        await Eventually.HoldsAsync(() => Output.Publishes.Count >= count, what: $"{count} messages arrive");
        Assert.Equal(count, Output.Publishes.Count);
        return Output.Publishes;
    }

    public void Acknowledge(Sent sent, ReasonCode reason = ReasonCode.Success) =>
        Delivery.Acknowledge(sent.QualityOfService == QualityOfService.ExactlyOnce ? PacketType.Pubrec : PacketType.Puback, sent.PacketId, reason);

    public ValueTask DisposeAsync() => Delivery.DisposeAsync();
}
