using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>§3.8 to 3.11 as far as they are the connection's; and what clients acknowledge.</summary>
public sealed class SubscriptionTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Subscribe_IsGrantedByDelivery(int version)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync((MqttVersion)version);
        await client.SendAsync(w => new SubscribePacket { PacketId = 3, Subscriptions = [Filters.Subscription("a/+", 1), Filters.Subscription("b/#", 2), Filters.Subscription("c", 0)] }.Write(w, client.Version));

        var suback = await client.ReadAsync<SubscriptionAnswerPacket>();

        Assert.Equal((PacketType.Suback, 3), (suback.Type, suback.PacketId));
        Assert.Equal([ReasonCode.GrantedQoS1, ReasonCode.GrantedQoS2, ReasonCode.Success], suback.Reasons);
        Assert.Equal(["a/+ 1 0", "b/# 2 0", "c 0 0"], edge.Deliveries.Last.Subscribed);
    }

    [Fact]
    public async Task Subscribe_WithIdentifier_DeliveryKnowsIt()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();
        var identifier = new MqttPropertiesBuilder().Add(PropertyId.SubscriptionIdentifier, 77).Build();

        await client.SendAsync(w => new SubscribePacket { PacketId = 1, Subscriptions = [Filters.Subscription("$share/g/a", 1)], Properties = identifier }.Write(w, client.Version));
        await client.ReadAsync<SubscriptionAnswerPacket>();

        Assert.Equal(["$share/g/a 1 77"], edge.Deliveries.Last.Subscribed);
    }

    [Fact]
    public async Task Subscribe_CannotBeKept_EveryFilterHasFailedAndTheConnectionStays()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();
        edge.Deliveries.Last.Failure = new StreamBrokenException(Cause.Unavailable, "no owner");

        Assert.Equal([ReasonCode.UnspecifiedError, ReasonCode.UnspecifiedError], await client.SubscribeAsync(Filters.Subscription("a"), Filters.Subscription("b")));
        await client.PingAsync();
    }

    [Fact]
    public async Task Unsubscribe_EachFilterHasItsAnswer()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();
        await client.SubscribeAsync(Filters.Subscription("a"));

        await client.SendAsync(w => new UnsubscribePacket { PacketId = 2, Filters = [Filters.Of("b"), Filters.Of("a")] }.Write(w, client.Version));
        var unsuback = await client.ReadAsync<SubscriptionAnswerPacket>();

        Assert.Equal((PacketType.Unsuback, 2), (unsuback.Type, unsuback.PacketId));
        Assert.Equal([ReasonCode.NoSubscriptionExisted, ReasonCode.Success], unsuback.Reasons);
    }

    [Fact]
    public async Task Acknowledgements_GoToDelivery()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.SendAsync("40 (0001) 50 (0002) 70 (0003) 40 (0004 87)");
        await client.PingAsync();

        Assert.Equal(
            [(PacketType.Puback, 1, ReasonCode.Success), (PacketType.Pubrec, 2, ReasonCode.Success), (PacketType.Pubcomp, 3, ReasonCode.Success), (PacketType.Puback, 4, ReasonCode.NotAuthorized)],
            edge.Deliveries.Last.Acknowledged);
    }
}
