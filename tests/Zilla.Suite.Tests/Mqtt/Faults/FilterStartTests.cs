using System.Text;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>A client that is behind subscribes to more, and comes back to another edge.</summary>
[Collection(MqttCollection.Name)]
public sealed class FilterStartTests(MqttFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task Reconnect_WhileBehind_AllOfTheOldFilter_NothingFromBeforeTheNewOne()
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var publisher = await ConnectAsync(edge: 0, "publisher", receiveMaximum: 100, deadline.Token);
        using var observer = await ConnectAsync(edge: 0, "observer", receiveMaximum: 100, deadline.Token);
        await SubscribeAsync(observer, "b", QualityOfService.AtMostOnce, deadline.Token);
        using (var behind = await ConnectAsync(edge: 0, "client", receiveMaximum: 1, deadline.Token))
        {
            await SubscribeAsync(behind, "a", QualityOfService.AtLeastOnce, deadline.Token);
            await PublishAsync(publisher, "a", "a0", deadline.Token);
            await NextAsync(behind, PacketType.Publish, deadline.Token);
            foreach (var number in Enumerable.Range(1, 5))
            {
                await PublishAsync(publisher, "b", $"before {number}", deadline.Token);
                await PublishAsync(publisher, "a", $"a{number}", deadline.Token);
            }

            // Whoever is sent the last is at an edge that has seen them all.
            while (Payload(await NextAsync(observer, PacketType.Publish, deadline.Token)).Payload != "before 5")
            {
            }

            await SubscribeAsync(behind, "b", QualityOfService.AtLeastOnce, deadline.Token);
            await PublishAsync(publisher, "b", "after", deadline.Token);
        }

        using var back = await ConnectAsync(edge: 1, "client", receiveMaximum: 100, deadline.Token);
        List<string> received = [];
        while (received.Count < 7)
        {
            var (payload, packetId) = Payload(await NextAsync(back, PacketType.Publish, deadline.Token));
            received.Add(payload);
            back.Send(w => new AcknowledgePacket(PacketType.Puback, packetId).Write(w, MqttVersion.V5));
        }

        Assert.Equal(["a0", "a1", "a2", "a3", "a4", "a5", "after"], received.Order(StringComparer.Ordinal));
    }

    private static (string Payload, ushort PacketId) Payload(MqttFrame frame)
    {
        Assert.True(PublishPacket.TryRead(frame, MqttVersion.V5, MqttSender.Server, out var message, out _));
        return (Encoding.UTF8.GetString(message.Payload), message.PacketId);
    }

    private async Task PublishAsync(MqttSocket publisher, string topic, string payload, CancellationToken cancellationToken)
    {
        publisher.Send(w => new PublishPacket { Topic = $"{_run}/{topic}", QualityOfService = QualityOfService.AtLeastOnce, PacketId = 1, Payload = new(Encoding.UTF8.GetBytes(payload)) }.Write(w, MqttVersion.V5));
        await NextAsync(publisher, PacketType.Puback, cancellationToken);
    }

    private async Task SubscribeAsync(MqttSocket client, string topic, QualityOfService qos, CancellationToken cancellationToken)
    {
        Assert.True(TopicFilter.TryParse($"{_run}/{topic}", MqttVersion.V5, out var filter));
        client.Send(w => new SubscribePacket { PacketId = 1, Subscriptions = [new(filter, qos)] }.Write(w, MqttVersion.V5));
        Assert.True(SubscriptionAnswerPacket.TryRead(await NextAsync(client, PacketType.Suback, cancellationToken), MqttVersion.V5, out var answer, out _));
        Assert.Equal([(ReasonCode)qos], answer.Reasons);
    }

    private async Task<MqttSocket> ConnectAsync(int edge, string name, ushort receiveMaximum, CancellationToken cancellationToken)
    {
        var properties = new MqttPropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 3600).Add(PropertyId.ReceiveMaximum, receiveMaximum).Build();
        var socket = await MqttSocket.OpenAsync(fixture.Suite.Ports[edge], cancellationToken);
        socket.Send(new ConnectPacket { Version = MqttVersion.V5, ClientId = $"{_run}-{name}", Properties = properties }.Write);
        await NextAsync(socket, PacketType.Connack, cancellationToken);
        return socket;
    }

    private static async Task<MqttFrame> NextAsync(MqttSocket socket, PacketType type, CancellationToken cancellationToken)
    {
        while (true)
        {
            var frame = await socket.ReadAsync(cancellationToken) ?? throw new EndOfStreamException($"The connection ended instead of a {type}.");
            if (frame.Type == type)
            {
                return frame;
            }

            Assert.NotEqual(PacketType.Disconnect, frame.Type);
        }
    }
}
