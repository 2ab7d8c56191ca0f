using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Zilla.EdgeMqtt.Packets;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>Publishers and subscribers of QoS 1 and 2 on both edges that go on while processes come and go; and the proof of what they were promised.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Step = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly MqttSuite _suite;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    private readonly LoadKind _kind;

    private Load(MqttSuite suite, LoadKind kind)
    {
        (_suite, _kind) = (suite, kind);
        Subscribers = [.. Clients((name, qos, edge) => new Subscriber(suite, $"{_run}-s-{name}", qos, $"{Prefix}/#", edge, version: kind.Version))];
    }

    private string Prefix => $"{_kind.Prefix}{_run}";

    public IReadOnlyList<Publisher> Publishers { get; private set; } = [];
    public IReadOnlyList<Subscriber> Subscribers { get; }
    public IEnumerable<MqttClient> All => [.. Publishers, .. Subscribers];

    public static Task<Load> StartAsync(MqttSuite suite) => StartAsync(suite, new(MqttVersion.V5, "", suite.Messages, IsRetained: false));

    public static async Task<Load> StartAsync(MqttSuite suite, LoadKind kind)
    {
        var load = new Load(suite, kind);
        try
        {
            await Eventually.HoldsAsync(() => load.Subscribers.All(s => s.IsSubscribed), Patience, $"all are subscribed\n{load.Stories}\n{suite.Output}");
            load.Publishers = [.. load.Clients((name, qos, edge) => new Publisher(suite, $"{load._run}-p-{name}", qos, $"{load.Prefix}/{name}", edge, version: kind.Version, retain: kind.IsRetained))];
            await load.GoesOnAsync("the start");
            return load;
        }
        catch
        {
            await load.DisposeAsync();
            throw;
        }
    }

    private string Stories => string.Join('\n', All.Select(client => client.Story));

    /// <summary>Every publisher is answered, and every subscriber gets something new. Gives how long that took.</summary>
    public async Task<TimeSpan> GoesOnAsync(string after)
    {
        var began = Stopwatch.GetTimestamp();
        var acknowledged = Publishers.Select(p => (Client: p, Goal: p.Acknowledged.Count + Step)).ToList();
        var received = Subscribers.Select(s => (Client: s, Goal: s.Received.Count + Step)).ToList();
        await HoldsAsync(() => acknowledged.TrueForAll(p => p.Client.Acknowledged.Count >= p.Goal) && received.TrueForAll(s => s.Client.Received.Count >= s.Goal), () =>
            $"it goes on after {after}; {string.Join(", ", acknowledged.Select(p => $"{p.Client.Id} {p.Client.Acknowledged.Count} of {p.Goal}").Concat(received.Select(s => $"{s.Client.Id} {s.Client.Received.Count} of {s.Goal}")))}");
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Ends the publishing and checks topic and subscribers: all that was acknowledged, of QoS 2 exactly once, each publisher's in its order.</summary>
    public async Task VerifyAsync()
    {
        await Task.WhenAll(Publishers.Select(p => p.FinishAsync()));
        foreach (var subscriber in Subscribers)
        {
            await HoldsAsync(() => Missing(subscriber.Received).Count == 0, () => $"{subscriber.Id} has all; missing: {string.Join(", ", Missing(subscriber.Received).Take(10))}");
        }

        var records = Records(_kind.Topic);
        List<string> stored = [.. records.Select(r => Encoding.UTF8.GetString(r.Message.Value!))];
        Assert.Empty(Missing(stored));
        foreach (var publisher in Publishers)
        {
            AssertKept("the topic", publisher, stored, exactly: publisher.QoS == QualityOfService.ExactlyOnce);
            foreach (var subscriber in Subscribers)
            {
                // What is delivered by QoS 1 may be repeated; what a publisher of QoS 1 wrote twice is two messages.
                AssertKept(subscriber.Id, publisher, subscriber.Received, exactly: subscriber.QoS == QualityOfService.ExactlyOnce && publisher.QoS == QualityOfService.ExactlyOnce);
            }
        }

        if (_kind.IsRetained)
        {
            await VerifyRetainedAsync();
        }

        Assert.All(All, client => Assert.True(client.LostSessions == 0, client.Story));
        Assert.All(Publishers, publisher => Assert.True(publisher.Refused == 0, publisher.Story));
    }

    /// <summary>The last of each publisher is retained, and who comes now is sent it.</summary>
    private async Task VerifyRetainedAsync()
    {
        string[] last = [.. Publishers.Select(p => p.Payload(p.Acknowledged.Max()))];
        Assert.Equal(last.Order(StringComparer.Ordinal), Records(_suite.Retained).GroupBy(r => Encoding.UTF8.GetString(r.Message.Key))
            .Select(records => Encoding.UTF8.GetString(records.Last().Message.Value!)).Order(StringComparer.Ordinal));
        await using var late = new Subscriber(_suite, $"{_run}-late", QualityOfService.AtLeastOnce, $"{Prefix}/#", edge: 1, version: _kind.Version);
        await HoldsAsync(() => late.Received.Count == last.Length, () => $"{late.Id} is sent what is retained, not {string.Join(", ", late.Received)}");
        Assert.Equal(last.Order(StringComparer.Ordinal), late.Received.Order(StringComparer.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in All)
        {
            await client.DisposeAsync();
        }
    }

    private static void AssertKept(string where, Publisher publisher, IEnumerable<string> messages, bool exactly)
    {
        List<int> numbers = [.. messages.Where(m => m.StartsWith($"{publisher.Id} ", StringComparison.Ordinal)).Select(m => int.Parse(m.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))];
        List<int> first = [.. numbers.Distinct()];
        Assert.True(first.SequenceEqual(first.Order()), $"{where} has {publisher.Id} in order: {string.Join(' ', first.Zip(first.Skip(1)).Where(pair => pair.First > pair.Second).Take(5))}\n{publisher.Story}");
        if (exactly)
        {
            var repeated = numbers.GroupBy(n => n).Where(n => n.Count() > 1).Select(n => n.Key).ToList();
            Assert.True(repeated.Count == 0, $"{where} has each of {publisher.Id} once, but for {string.Join(' ', repeated.Take(10))}\n{publisher.Story}");
        }
    }

    private List<ConsumeResult<byte[], byte[]?>> Records(string topic) =>
        _suite.Broker.ReadCommitted(topic).FindAll(r => Encoding.UTF8.GetString(r.Message.Key).StartsWith($"{Prefix}/", StringComparison.Ordinal));

    private List<string> Missing(IEnumerable<string> messages) => [.. Publishers.SelectMany(p => p.Acknowledged.Select(p.Payload)).Except(messages)];

    private async Task HoldsAsync(Func<bool> condition, Func<string> what)
    {
        try
        {
            await Eventually.HoldsAsync(condition, Patience);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message} {what()}\n{Stories}\n{_suite.Output}");
        }
    }

    /// <summary>One of each quality on each edge.</summary>
    private IEnumerable<T> Clients<T>(Func<string, QualityOfService, int, T> client) =>
        from qos in new[] { QualityOfService.AtLeastOnce, QualityOfService.ExactlyOnce }
        from edge in Enumerable.Range(0, _suite.Ports.Count)
        select client($"{(int)qos}-{edge}", qos, edge);
}

/// <summary>What the clients of a load do.</summary>
/// <param name="Version">That they speak.</param>
/// <param name="Prefix">Before all their topics.</param>
/// <param name="Topic">Of Kafka, in which the messages are.</param>
/// <param name="IsRetained">Whether they have their messages retained.</param>
internal sealed record LoadKind(MqttVersion Version, string Prefix, string Topic, bool IsRetained);
