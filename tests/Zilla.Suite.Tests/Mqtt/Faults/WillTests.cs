using System.Text;
using Zilla.EdgeMqtt.Packets;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>Wills are published once, whoever dies meanwhile.</summary>
[Collection(MqttCollection.Name)]
public sealed class WillTests(MqttFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    private MqttSuite Suite => fixture.Suite;

    [Fact]
    public async Task Will_OfAClientThatGoesWithItsOwner_OrWithItsEdge_IsPublishedOnce()
    {
        await Suite.SharedOutAsync();
        await using var subscriber = new Subscriber(Suite, $"{_run}-s", QualityOfService.ExactlyOnce, $"{_run}/#", edge: 1);
        await Eventually.HoldsAsync(() => subscriber.IsSubscribed, Patience, subscriber.Story);
        var owner = Suite.Caches[0];
        await using var withOwner = Client(Suite.KeyOwnedBy(owner, i => $"{_run}-owner-{i}"), "owner", edge: 1);
        await using var withEdge = Client(Suite.KeyOwnedBy(Suite.Caches[1], i => $"{_run}-edge-{i}"), "edge", edge: 0);
        await Eventually.HoldsAsync(() => withOwner.IsConnected && withEdge.IsConnected, Patience);
        await owner.KillAsync();
        withOwner.Drop();
        await Suite.Edges[0].KillAsync();
        await Eventually.HoldsAsync(() => subscriber.Received.Distinct().Count() == 2, Patience, $"both wills are there, {subscriber.Story}\n{Suite.Output}");
        await Suite.Edges[0].RestartAsync();
        await owner.RestartAsync();
        await Suite.SharedOutAsync(); // those who own now have looked what is due
        Assert.Equal(["edge", "owner"], Published());
        Assert.Equal(["edge", "owner"], subscriber.Received.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task DelayedWillAndSessionExpiry_SurviveARestartOfEverything()
    {
        await using var subscriber = new Subscriber(Suite, $"{_run}-s", QualityOfService.ExactlyOnce, $"{_run}/#", edge: 1);
        await using var delayed = Client($"{_run}-delayed", "delayed", edge: 0, delay: 3);
        await using var shortLived = new MqttClient(Suite, $"{_run}-short", 1, packet => packet with { Properties = Expiry(3) }) { StaysAway = true };
        await Eventually.HoldsAsync(() => subscriber.IsSubscribed && delayed.IsConnected && shortLived.IsConnected, Patience);
        delayed.Drop();
        shortLived.Drop();
        await Eventually.HoldsAsync(() => !delayed.IsConnected && !shortLived.IsConnected, Patience);
        await Task.WhenAll(Suite.Edges.Concat(Suite.Caches).Select(service => service.KillAsync()).Append(Suite.Broker.KillAsync()));
        await Suite.Broker.RestartAsync();
        await Task.WhenAll(Suite.Edges.Concat(Suite.Caches).Select(service => service.RestartAsync()));
        await Eventually.HoldsAsync(() => subscriber.Received.Count > 0, Patience, $"the will comes, {subscriber.Story}\n{Suite.Output}");
        Assert.Equal(["delayed"], Published());
        Assert.Equal(["delayed"], subscriber.Received);
        Assert.Equal(0, subscriber.LostSessions);

        // An owner that died before it was told that the client had gone leaves its successor to wait for the client first: a connect before that would keep the session.
        await Eventually.HoldsAsync(() => IsExpired($"{_run}-short"), Patience, $"the session has expired\n{Suite.Output}");
        await using var again = new MqttClient(Suite, $"{_run}-short", 1);
        await Eventually.HoldsAsync(() => again.Connections > 0, Patience, again.Story);
        Assert.Contains("session new", again.Story, StringComparison.Ordinal);
    }

    private static MqttProperties Expiry(uint seconds) => new MqttPropertiesBuilder().Add(PropertyId.SessionExpiryInterval, seconds).Build();

    private MqttClient Client(string id, string will, int edge, uint delay = 0) => new(Suite, id, edge, packet => packet with
    {
        Will = new()
        {
            Topic = $"{_run}/will",
            Payload = Encoding.UTF8.GetBytes(will),
            QualityOfService = QualityOfService.ExactlyOnce,
            Properties = new MqttPropertiesBuilder().Add(PropertyId.WillDelayInterval, delay).Build(),
        },
    })
    { StaysAway = true };

    /// <summary>All that Kafka has of the session are tombstones.</summary>
    private bool IsExpired(string client) => Suite.Broker.ReadCommitted(Suite.Sessions)
        .Where(record => record.Message.Key is { } key && (Encoding.UTF8.GetString(key) == client || Encoding.UTF8.GetString(key).StartsWith(client + "#", StringComparison.Ordinal)))
        .GroupBy(record => Encoding.UTF8.GetString(record.Message.Key)).All(records => records.Last().Message.Value is null);

    private IEnumerable<string> Published() => Suite.Broker.ReadCommitted(Suite.Messages)
        .Where(record => Encoding.UTF8.GetString(record.Message.Key) == $"{_run}/will")
        .Select(record => Encoding.UTF8.GetString(record.Message.Value!)).Order(StringComparer.Ordinal);
}
