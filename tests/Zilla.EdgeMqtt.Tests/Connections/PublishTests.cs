using System.Text;
using Zilla.Config.Bindings;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>§3.3 PUBLISH of a client, §4.3 quality of service, §4.6 order.</summary>
public sealed class PublishTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Publish_WithQoS0And1_IsARecordAndAcknowledged(int version)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync((MqttVersion)version);

        await client.PublishAsync("a/b", "zero");
        await Eventually.HoldsAsync(() => edge.Values().Count == 1);
        await client.PublishAsync("a/b", "one", qos: 1, id: 7);

        Assert.Equal((PacketType.Puback, 7, ReasonCode.Success), await client.AckAsync());
        Assert.Equal(["zero", "one"], edge.Values());
        var record = edge.Messages.At(0, 1)!;
        Assert.Equal(
            "zilla:filter=a zilla:filter=b zilla:local=client zilla:qos=1",
            string.Join(' ', record.Headers.Select(header => $"{Encoding.UTF8.GetString(header.Name.Span)}={Encoding.UTF8.GetString(header.Value.Span)}")));
        Assert.Equal("a/b", Encoding.UTF8.GetString(record.Key!));
    }

    [Fact]
    public async Task Publish_Retained_IsInBothTopics_AndAnEmptyOneIsATombstone()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.PublishAsync("a", "kept", qos: 1, id: 1, retain: true);
        await client.AckAsync();
        await client.PublishAsync("a", "", qos: 1, id: 2, retain: true);
        await client.AckAsync();

        await client.PublishAsync("b", "unheard", retain: true);
        await client.PingAsync();
        await edge.RetainedWrites.SettledAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(["kept", "(null)", "unheard"], edge.Values("retained"));
        await Eventually.HoldsAsync(() => edge.Values().SequenceEqual(["kept", "", "unheard"]));
    }

    /// <summary>Who subscribes at this edge waits for that.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Publish_Retained_IsUnderWayUntilKafkaHasIt(int qos)
    {
        await using var edge = await TestEdge.StartAsync();
        var written = new TaskCompletionSource();
        edge.Cache.Many.BeforeRecord = _ => written.Task;
        edge.Sessions.BeforePublish = _ => written.Task;
        await using var client = await edge.ConnectAsync();

        await client.PublishAsync("a", "x", qos: qos, id: (ushort)qos, retain: true);
        await client.PingAsync();
        var settled = edge.RetainedWrites.SettledAsync();
        Assert.False(settled.IsCompleted);
        written.SetResult();

        await settled.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(qos == 2 ? [] : ["x"], edge.Values("retained"));
    }

    [Fact]
    public async Task Publish_ManyAtOnce_AcknowledgedInOrderAfterKafkaHasThem()
    {
        const int Count = 300;
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        for (ushort id = 1; id <= Count; id++)
        {
            await client.PublishAsync("a", $"{id}", qos: 1, id: id);
        }

        for (ushort id = 1; id <= Count; id++)
        {
            Assert.Equal((PacketType.Puback, id, ReasonCode.Success), await client.AckAsync());
        }

        Assert.Equal(Enumerable.Range(1, Count).Select(id => $"{id}"), edge.Values());
    }

    [Fact]
    public async Task Publish_IsNotAcknowledged_BeforeKafkaHasIt()
    {
        await using var edge = await TestEdge.StartAsync();
        var written = new TaskCompletionSource();
        edge.Cache.Many.BeforeRecord = _ => written.Task;
        await using var client = await edge.ConnectAsync();

        await client.PublishAsync("a", "x", qos: 1, id: 1);
        await client.PingAsync(); // answered first
        written.SetResult();

        Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
    }

    [Fact]
    public async Task Publish_WithQoS2_GoesThroughTheSession()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.PublishAsync("a", "once", qos: 2, id: 9, retain: true);
        Assert.Equal((PacketType.Pubrec, 9, ReasonCode.Success), await client.AckAsync());
        await client.PublishAsync("a", "once", qos: 2, id: 9, duplicate: true);
        Assert.Equal((PacketType.Pubrec, 9, ReasonCode.Success), await client.AckAsync());
        await client.SendAsync("62 (0009)");
        Assert.Equal((PacketType.Pubcomp, 9, ReasonCode.Success), await client.AckAsync());
        await client.SendAsync("62 (0009)");
        Assert.Equal((PacketType.Pubcomp, 9, ReasonCode.PacketIdentifierNotFound), await client.AckAsync());

        var session = edge.Sessions.Last;
        Assert.Equal(["9: once", "9: once"], session.Published);
        Assert.Equal([9], session.Released);
        Assert.Equal(("messages", "retained", "a"), (session.Records.First().Topic, session.Records.First().RetainedTopic, session.Records.First().Record.Key.ToStringUtf8()));
        Assert.Empty(edge.Values());
    }

    [Fact]
    public async Task Publish_WithQoS2_IsReceivedInOrder()
    {
        await using var edge = await TestEdge.StartAsync();
        var first = new TaskCompletionSource();
        edge.Sessions.BeforePublish = publish => publish.PacketId == 1 ? first.Task : Task.CompletedTask;
        await using var client = await edge.ConnectAsync();

        await client.PublishAsync("a", "1", qos: 2, id: 1);
        await client.PublishAsync("a", "2", qos: 2, id: 2);
        await client.PingAsync();
        first.SetResult();

        Assert.Equal((PacketType.Pubrec, 1, ReasonCode.Success), await client.AckAsync());
        Assert.Equal((PacketType.Pubrec, 2, ReasonCode.Success), await client.AckAsync());
    }

    [Fact]
    public async Task Release_OfAnEarlierConnection_IsPassedOn()
    {
        await using var edge = await TestEdge.StartAsync();
        edge.Sessions.Attached = new MqttAttached { SessionPresent = true, Received = { 5U } };
        await using var client = await edge.ConnectAsync();

        await client.SendAsync("62 (0005)");

        Assert.Equal((PacketType.Pubcomp, 5, ReasonCode.Success), await client.AckAsync());
        Assert.Equal([5], edge.Sessions.Last.Released);
    }

    [Fact]
    public async Task Publish_KafkaRefuses_ClientIsToldWhy()
    {
        await using var edge = await TestEdge.StartAsync();
        edge.Cache.Refusal = new StreamBrokenException(Cause.NotAuthorized, "Kafka does not let us.");
        await using var client = await edge.ConnectAsync();
        await client.PublishAsync("a", "x", qos: 1, id: 1);

        var ack = await client.ReadAsync<AcknowledgePacket>();

        Assert.Equal((ReasonCode.NotAuthorized, "Kafka does not let us."), (ack.Reason, ack.Properties.ReasonString.ToString()));
    }

    [Fact]
    public async Task Publish_KafkaRefuses_311IsClosedRatherThanToldALie()
    {
        await using var edge = await TestEdge.StartAsync();
        edge.Cache.Refusal = new StreamBrokenException(Cause.NotAuthorized, "Kafka does not let us.");
        await using var client = await edge.ConnectAsync(MqttVersion.V311);

        await client.PublishAsync("a", "x", qos: 1, id: 1);

        Assert.Null(await client.EndAsync());
    }

    [Fact]
    public async Task Payload_NotTheTextThatItSaysItIs_IsRefused()
    {
        var isText = new MqttPropertiesBuilder().Add(PropertyId.PayloadFormatIndicator, 1).Build();
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();
        var packet = new PublishPacket { Topic = "a", QualityOfService = QualityOfService.AtLeastOnce, PacketId = 1, Properties = isText, Payload = new([0xFF, 0xFE]) };

        await client.SendAsync(w => packet.Write(w, MqttVersion.V5));
        Assert.Equal((PacketType.Puback, 1, ReasonCode.PayloadFormatInvalid), await client.AckAsync());
        await client.PublishAsync("a", "text", qos: 1, id: 2, properties: isText);
        Assert.Equal((PacketType.Puback, 2, ReasonCode.Success), await client.AckAsync());

        Assert.Equal(["text"], edge.Values());
    }

    [Fact]
    public async Task Rate_IsExceeded_EachQoSIsToldInItsWords()
    {
        var limits = new MqttLimits { RatePerAddress = new RateLimit { Requests = 1, Per = TimeSpan.FromHours(1) } };
        await using var edge = await TestEdge.StartAsync(new MqttServerBinding { Name = "mqtt", Exit = "map", Limits = limits });
        await using var client = await edge.ConnectAsync();
        await client.PublishAsync("a", "x", qos: 1, id: 1);
        Assert.Equal(ReasonCode.Success, (await client.AckAsync()).Item3);

        await client.PublishAsync("a", "x", qos: 1, id: 2);
        Assert.Equal((PacketType.Puback, 2, ReasonCode.QuotaExceeded), await client.AckAsync());
        await client.PublishAsync("a", "x", qos: 2, id: 3);
        Assert.Equal((PacketType.Pubrec, 3, ReasonCode.QuotaExceeded), await client.AckAsync());
        await client.PublishAsync("a", "x");
        Assert.Equal(ReasonCode.MessageRateTooHigh, await client.EndAsync());
    }

    [Fact]
    public async Task Publish_LargerThanABufferAndThanAFrame_Arrives()
    {
        var large = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{i:D5},"));
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.PublishAsync("a", large, qos: 1, id: 1);

        Assert.Equal(ReasonCode.Success, (await client.AckAsync()).Item3);
        Assert.Equal([large], edge.Values());
    }
}
