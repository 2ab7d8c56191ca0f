using System.Buffers;
using System.Text;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.Suite.Tests.Mqtt.Faults;

/// <summary>What is retained at one edge is there for who subscribes at another, as soon as its publisher has been told.</summary>
[Collection(MqttCollection.Name)]
public sealed class RetainedTests(MqttFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Retained_AcknowledgedAtOneEdge_IsSentByTheOther(int qos)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var publisher = await ConnectAsync(edge: 0, "p", deadline.Token);
        for (ushort number = 1; number <= 20; number++)
        {
            await publisher.PublishAsync(Message((QualityOfService)qos, number), deadline.Token);

            using var subscriber = await ConnectAsync(edge: 1, $"s-{number}", deadline.Token);
            Assert.True(TopicFilter.TryParse($"{_run}/+", MqttVersion.V5, out var filter));
            subscriber.Send(w => new SubscribePacket { PacketId = 1, Subscriptions = [new(filter, QualityOfService.AtMostOnce)] }.Write(w, MqttVersion.V5));
            var sent = await subscriber.NextAsync(PacketType.Publish, deadline.Token);
            Assert.True(PublishPacket.TryRead(sent, MqttVersion.V5, MqttSender.Server, out var message, out _));
            Assert.Equal((true, $"{number}"), (message.Retain, Encoding.UTF8.GetString(message.Payload.ToArray())));
        }
    }

    private PublishPacket Message(QualityOfService qos, ushort number) =>
        new() { Topic = $"{_run}/a", QualityOfService = qos, PacketId = number, Retain = true, Payload = new(Encoding.UTF8.GetBytes($"{number}")) };

    private Task<MqttSocket> ConnectAsync(int edge, string name, CancellationToken cancellationToken) =>
        MqttSocket.ConnectAsync(fixture.Suite.Ports[edge], new() { Version = MqttVersion.V5, ClientId = $"{_run}-{name}", CleanStart = true }, cancellationToken);
}
