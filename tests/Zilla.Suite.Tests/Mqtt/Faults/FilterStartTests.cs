using System.Text;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>A client that is behind subscribes to more, and comes back to another edge.</summary>
[Collection(MqttCollection.Name)]
public sealed class FilterStartTests(MqttFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    /// <param name="isTakenOver">The first connection is still there: what it has under way is known to its edge alone.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reconnect_WhileBehind_AllOfTheOldFilter_NothingFromBeforeTheNewOne(bool isTakenOver)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var publisher = await ConnectAsync(edge: 0, "publisher", receiveMaximum: 100, deadline.Token);
        using var observer = await ConnectAsync(edge: 0, "observer", receiveMaximum: 100, deadline.Token);
        await SubscribeAsync(observer, "b", QualityOfService.AtMostOnce, deadline.Token);
        using var behind = await ConnectAsync(edge: 0, "client", receiveMaximum: 1, deadline.Token);
        await SubscribeAsync(behind, "a", QualityOfService.AtLeastOnce, deadline.Token);
        await PublishAsync(publisher, "a", "a0", deadline.Token);
        await behind.NextAsync(PacketType.Publish, deadline.Token);
        foreach (var number in Enumerable.Range(1, 5))
        {
            await PublishAsync(publisher, "b", $"before {number}", deadline.Token);
            await PublishAsync(publisher, "a", $"a{number}", deadline.Token);
        }

        // Whoever is sent the last is at an edge that has seen them all.
        while (Payload(await observer.NextAsync(PacketType.Publish, deadline.Token)).Payload != "before 5")
        {
        }

        await SubscribeAsync(behind, "b", QualityOfService.AtLeastOnce, deadline.Token);
        await PublishAsync(publisher, "b", "after", deadline.Token);
        if (!isTakenOver)
        {
            behind.Dispose();
        }

        using var back = await ConnectAsync(edge: 1, "client", receiveMaximum: 100, deadline.Token);
        List<string> received = [];
        try
        {
            while (received.Count < 7)
            {
                var (payload, packetId) = Payload(await back.NextAsync(PacketType.Publish, deadline.Token));
                received.Add(payload);
                back.Send(w => new AcknowledgePacket(PacketType.Puback, packetId).Write(w, MqttVersion.V5));
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"No more than this has come: {string.Join(", ", received)}\n{fixture.Suite.Output}");
        }

        Assert.Equal(["a0", "a1", "a2", "a3", "a4", "a5", "after"], received.Order(StringComparer.Ordinal));
    }

    private static (string Payload, ushort PacketId) Payload(MqttFrame frame)
    {
        Assert.True(PublishPacket.TryRead(frame, MqttVersion.V5, MqttSender.Server, out var message, out _));
        return (Encoding.UTF8.GetString(message.Payload), message.PacketId);
    }

    private Task PublishAsync(MqttSocket publisher, string topic, string payload, CancellationToken cancellationToken) => publisher.PublishAsync(
        new() { Topic = $"{_run}/{topic}", QualityOfService = QualityOfService.AtLeastOnce, PacketId = 1, Payload = new(Encoding.UTF8.GetBytes(payload)) }, cancellationToken);

    private async Task SubscribeAsync(MqttSocket client, string topic, QualityOfService qos, CancellationToken cancellationToken)
    {
        Assert.True(TopicFilter.TryParse($"{_run}/{topic}", MqttVersion.V5, out var filter));
        client.Send(w => new SubscribePacket { PacketId = 1, Subscriptions = [new(filter, qos)] }.Write(w, MqttVersion.V5));
        Assert.True(SubscriptionAnswerPacket.TryRead(await client.NextAsync(PacketType.Suback, cancellationToken), MqttVersion.V5, out var answer, out _));
        Assert.Equal([(ReasonCode)qos], answer.Reasons);
    }

    private Task<MqttSocket> ConnectAsync(int edge, string name, ushort receiveMaximum, CancellationToken cancellationToken)
    {
        var properties = new MqttPropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Add(PropertyId.ReceiveMaximum, receiveMaximum).Build();
        return MqttSocket.ConnectAsync(fixture.Suite.Ports[edge], new() { Version = MqttVersion.V5, ClientId = $"{_run}-{name}", Properties = properties }, cancellationToken);
    }
}
