using Zilla.Config.Bindings;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>§3.1.2.10 keep alive, and the other times of a connection, on a clock that the tests move.</summary>
public sealed class TimeTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(5, 0x8D)]
    [InlineData(4, null)]
    public async Task Client_SilentForOneAndAHalfKeepAlives_IsDisconnected(int version, int? reason)
    {
        await using var edge = await StartAsync();
        await using var client = await edge.ConnectAsync((MqttVersion)version, change: packet => packet with { KeepAlive = 10 });

        // The packet that the ping is resets the time.
        _time.Advance(TimeSpan.FromSeconds(14));
        await client.PingAsync();
        _time.Advance(TimeSpan.FromSeconds(14));
        await client.PingAsync();

        Assert.Equal((ReasonCode?)reason, await SilentUntilTheEndAsync(client));
        await Eventually.HoldsAsync(() => edge.Sessions.Last.IsDisposed);
        Assert.Equal(MqttEndEx.Types.How.Lost, edge.Sessions.Last.End!.How);
    }

    [Fact]
    public async Task Client_WithoutKeepAlive_MayBeSilent()
    {
        await using var edge = await StartAsync();
        await using var client = await edge.ConnectAsync(change: packet => packet with { KeepAlive = 0 });

        _time.Advance(TimeSpan.FromDays(1));

        await client.PingAsync();
    }

    [Fact]
    public async Task Client_BytesWithoutAPacket_DoNotKeepItAlive()
    {
        await using var edge = await StartAsync();
        await using var client = await edge.ConnectAsync(change: packet => packet with { KeepAlive = 10 });

        await client.SendAsync("30 FF 7F"); // a PUBLISH of 16383 bytes, one by one

        Assert.Equal(ReasonCode.KeepAliveTimeout, await SilentUntilTheEndAsync(client, "00"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10 20 0004'MQTT'")]
    public async Task Connect_ThatDoesNotCome_IsNotWaitedForLong(string picture)
    {
        await using var edge = await StartAsync();
        await using var client = await edge.OpenAsync();
        await client.SendAsync(picture);
        var end = client.ReadFrameAsync();
        await Eventually.HoldsAsync(() =>
        {
            // Until it has been accepted nothing waits for it.
            _time.Advance(TimeSpan.FromSeconds(12));
            return end.IsCompleted;
        });

        Assert.Null(await end);
    }

    [Fact]
    public async Task KeepAlive_LimitedByTheServer_Holds()
    {
        await using var edge = await StartAsync(new MqttServerBinding { Name = "mqtt", Exit = "map", Limits = new MqttLimits { KeepAlive = TimeSpan.FromSeconds(20) } });
        await using var client = await edge.ConnectAsync(change: packet => packet with { KeepAlive = ushort.MaxValue });

        Assert.Equal(ReasonCode.KeepAliveTimeout, await SilentUntilTheEndAsync(client));
    }

    [Fact]
    public async Task Client_ThatDoesNotRead_IsDisconnectedWhenWhatMustNotBeDroppedWaitsTooLong()
    {
        await using var edge = await TestEdge.StartAsync(
            _time, new Dictionary<string, string?> { ["Zilla:Edge:Mqtt:OutputBytes"] = "100000", ["Zilla:Edge:Mqtt:SlowClientTimeout"] = "00:00:05" }, []);
        await using var client = await edge.ConnectAsync();
        var output = edge.Deliveries.Last.Output;
        var packet = new PublishPacket { Topic = "a", QualityOfService = QualityOfService.AtLeastOnce, PacketId = 1, Payload = new(new byte[50_000]) };

        // The socket takes some of it first: until then there is room again and again.
        await Eventually.HoldsAsync(() => !output.TryPublish(packet) && !output.TryPublish(packet with { QualityOfService = QualityOfService.AtMostOnce, PacketId = 0 }));
        var room = output.WaitForRoomAsync(CancellationToken.None).AsTask();
        await Eventually.HoldsAsync(() =>
        {
            while (room.IsCompletedSuccessfully && !output.TryPublish(packet))
            {
                room = output.WaitForRoomAsync(CancellationToken.None).AsTask();
            }

            _time.Advance(TimeSpan.FromSeconds(7));
            return room.IsCanceled || room.IsFaulted;
        });

        await Eventually.HoldsAsync(() => edge.Sessions.Last.IsDisposed);
    }

    [Fact]
    public async Task Client_ThatReadsAgain_IsSentWhatWaits()
    {
        await using var edge = await TestEdge.StartAsync(_time, new Dictionary<string, string?> { ["Zilla:Edge:Mqtt:OutputBytes"] = "100000" }, []);
        await using var client = await edge.ConnectAsync();
        var output = edge.Deliveries.Last.Output;
        var packet = new PublishPacket { Topic = "a", QualityOfService = QualityOfService.AtLeastOnce, PacketId = 1, Payload = new(new byte[50_000]) };
        var sent = 0;
        await Eventually.HoldsAsync(() =>
        {
            while (output.TryPublish(packet))
            {
                sent++;
            }

            return sent > 3;
        });

        var room = output.WaitForRoomAsync(CancellationToken.None).AsTask();
        for (var i = 0; i < sent; i++)
        {
            Assert.Equal(50_000, (await client.ReadAsync<PublishPacket>()).Payload.Length);
        }

        await room;
        Assert.True(output.TryPublish(packet));
        await client.ReadAsync<PublishPacket>();
    }

    [Fact]
    public async Task Client_ThatIsSentRetainedMessagesOfQoS0_TheyWaitForAsMuchRoomAsTheyTake()
    {
        await using var edge = await TestEdge.StartAsync(_time, new Dictionary<string, string?> { ["Zilla:Edge:Mqtt:OutputBytes"] = "100000" }, []);
        await using var client = await edge.ConnectAsync();
        var output = edge.Deliveries.Last.Output;
        var packet = new PublishPacket { Topic = "a", Payload = new(new byte[50_000]) };
        var sent = 0;
        await Eventually.HoldsAsync(() =>
        {
            while (output.TryPublish(packet))
            {
                sent++;
            }

            return sent > 3;
        });

        var room = output.WaitForRoomAsync(CancellationToken.None);
        Assert.True(!room.IsCompleted || output.TryPublish(packet), "It was said that there is room.");
        for (var i = 0; i < sent; i++)
        {
            await client.ReadAsync<PublishPacket>();
        }

        await room;
    }

    /// <summary>Seconds go by, a few at a time: the edge may have answered a packet and not have taken its time yet.</summary>
    private async Task<ReasonCode?> SilentUntilTheEndAsync(TestClient client, string sent = "")
    {
        var end = client.EndAsync();
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await client.SendAsync(sent);
            }
            catch (IOException)
            {
                // It has ended.
            }

            _time.Advance(TimeSpan.FromSeconds(4));
            return end.IsCompleted;
        });
        return await end;
    }

    private Task<TestEdge> StartAsync(params BindingConfig[] bindings) =>
        TestEdge.StartAsync(_time, new Dictionary<string, string?> { ["Zilla:Edge:Mqtt:GoodbyeTimeout"] = "10.00:00:00" }, [], bindings);
}
