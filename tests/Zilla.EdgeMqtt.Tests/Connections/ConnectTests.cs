using Zilla.Config.Bindings;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>§3.1 CONNECT, §3.2 CONNACK, §3.14 DISCONNECT, §4.13 errors.</summary>
public sealed class ConnectTests
{
    private static readonly MqttServerBinding Limited = new()
    {
        Name = "mqtt",
        Exit = "map",
        Limits = new MqttLimits { ReceiveMaximum = 10, TopicAliases = 4, Packet = 2000, KeepAlive = TimeSpan.FromSeconds(30), SessionExpiry = TimeSpan.FromSeconds(100) },
    };

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Connect_IsAnswered_AndPingsAre(int version)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.OpenAsync((MqttVersion)version);

        var connack = await client.HelloAsync("me", packet => packet with { KeepAlive = 5 });
        await client.PingAsync();

        Assert.Equal((ReasonCode.Success, false), (connack.Reason, connack.SessionPresent));
        Assert.Equal(("me", true, 0U, "cluster", "sessions"), (edge.Sessions.Last.Request.ClientId, edge.Sessions.Last.Request.CleanStart, edge.Sessions.Last.Request.Expiry,
            edge.Sessions.Last.Request.Space.Cluster, edge.Sessions.Last.Request.Space.SessionsTopic));
        Assert.True(edge.Deliveries.Last.IsResumed);
    }

    [Fact]
    public async Task Connect_ServerHasLimits_ConnackSaysSo()
    {
        await using var edge = await TestEdge.StartAsync(Limited);
        await using var client = await edge.OpenAsync();

        var connack = await client.HelloAsync("", packet => packet with
        {
            KeepAlive = 0,
            Properties = new MqttPropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 200).Build(),
        });

        var said = connack.Properties;
        Assert.Equal((100U, (ushort)10, 2000U, (ushort)4, (ushort)30), (said.SessionExpiryInterval, said.ReceiveMaximum, said.MaximumPacketSize, said.TopicAliasMaximum, said.ServerKeepAlive!.Value));
        Assert.Equal(edge.Sessions.Last.Request.ClientId, said.AssignedClientIdentifier.ToString());
        Assert.Equal(100U, edge.Sessions.Last.Request.Expiry);
    }

    [Fact]
    public async Task Connect_QoSIsLimited_ConnackSaysSoAndMoreEndsTheConnection()
    {
        await using var edge = await TestEdge.StartAsync(new MqttKafkaBinding
        {
            Name = "map",
            Topics = new MqttKafkaTopics { Sessions = "sessions", Messages = "messages", Retained = "retained" },
            MaxPublishQos = MqttQos.AtLeastOnce,
            Exit = "cache",
        });
        await using var client = await edge.OpenAsync();

        Assert.Equal(QualityOfService.AtLeastOnce, (await client.HelloAsync()).Properties.MaximumQoS);
        await client.PublishAsync("a", "x", qos: 2, id: 1);
        Assert.Equal(ReasonCode.QoSNotSupported, await client.EndAsync());

        await using var willing = await edge.OpenAsync();
        var connack = await willing.HelloAsync("w", packet => packet with { Will = new WillMessage { Topic = "a", QualityOfService = QualityOfService.ExactlyOnce } });
        Assert.Equal(ReasonCode.QoSNotSupported, connack.Reason);
    }

    [Theory]
    [InlineData("10 (0004'MQTT' 05 C2 003C 00 0001'a')", 0x81)] // flags that promise a user name
    [InlineData("10 (0004'MQTT' 05 03 003C 00 0001'a')", 0x81)] // the reserved one
    [InlineData("10 (0004'MQTT' 06 02 003C 00 0001'a')", 0x84)]
    [InlineData("10 (0004'MQTT' 05 02 003C 00 0003'a#b')", 0x85)]
    [InlineData("10 (0004'MQTT' 05 02 003C (15 0001'x') 0001'a')", 0x8C)]
    [InlineData("10 (0004'MQTT' 05 06 003C 00 0001'a' (01 01) 0001't' 0001 FF)", 0x99)]
    [InlineData("10 (0004'MQTT' 05 06 003C 00 0001'a' 00 0006'$SYS/x' 0000)", 0x87)]
    public async Task Connect_ThatIsWrong_IsAnsweredWithTheReason(string picture, int expected)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.OpenAsync();

        await client.SendAsync(picture);

        Assert.Equal((ReasonCode)expected, (await client.ReadAsync<ConnackPacket>()).Reason);
        Assert.Null(await client.ReadFrameAsync());
        Assert.Empty(edge.Sessions.Opened);
    }

    [Fact]
    public async Task Auth_OfAClientWithoutAnAuthenticationMethod_IsAProtocolError()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.SendAsync("F0 (18 (15 0001'x'))");

        Assert.Equal(ReasonCode.ProtocolError, await client.EndAsync());
    }

    [Theory]
    [InlineData("10 (0006'MQIsdp' 03 02 003C 0001'a')", 1)]
    [InlineData("10 (0004'MQTT' 04 00 003C 0000)", 2)] // no id for a session that is to be kept
    public async Task Connect_Of311ThatIsWrong_IsAnsweredInItsWords(string picture, byte code)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.OpenAsync(MqttVersion.V311);

        await client.SendAsync(picture);

        Assert.Equal(ReasonCodes.FromReturnCode(code), (await client.ReadAsync<ConnackPacket>()).Reason);
        Assert.Null(await client.ReadFrameAsync());
    }

    [Theory]
    [InlineData("C000")] // [MQTT-3.1.0-1]
    [InlineData("30 (0001'a')")]
    [InlineData("'GET / HTTP/1.1'0D0A0D0A")]
    [InlineData("00 00")]
    [InlineData("10 FFFFFFFF")]
    [InlineData("10 FFFFFF7F")] // longer than a CONNECT may be
    public async Task FirstPacket_IsNoConnect_ClosesWithoutAWord(string picture)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.OpenAsync();

        await client.SendAsync(picture);

        Assert.Null(await client.ReadFrameAsync());
        Assert.Empty(edge.Sessions.Opened);
    }

    [Theory]
    [InlineData("10 (0004'MQTT' 05 02 003C 00 0001'a')", 0x82)] // [MQTT-3.1.0-2]
    [InlineData("20 (00 00 00)", 0x82)]
    [InlineData("D0 00", 0x82)]
    [InlineData("F0 00", 0x82)] // AUTH
    [InlineData("80 (0001 00 0001'a' 00)", 0x81)] // flags of SUBSCRIBE
    [InlineData("82 (0001 00 0001'a' C0)", 0x81)]
    [InlineData("82 (0001 00)", 0x82)]
    [InlineData("36 (0001'a' 0001 00)", 0x81)] // QoS 3
    [InlineData("30 FFFFFF7F", 0x95)]
    [InlineData("E0 (00 (11 00000005))", 0x82)] // a life for a session that had none
    public async Task Packet_AgainstTheStandard_EndsTheConnectionWithTheReason(string picture, int expected)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.SendAsync(picture);

        Assert.Equal((ReasonCode)expected, await client.EndAsync());
        await Eventually.HoldsAsync(() => edge.Sessions.Last.IsDisposed);
        Assert.Equal(MqttEndEx.Types.How.Lost, edge.Sessions.Last.End!.How);
    }

    [Fact]
    public async Task Packet_Of311AgainstTheStandard_ClosesWithoutAWord()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync(MqttVersion.V311);

        await client.SendAsync("36 (0001'a' 0001)");

        Assert.Null(await client.EndAsync());
    }

    [Theory]
    [InlineData("E000", MqttEndEx.Types.How.Closed, null)]
    [InlineData("E0 (00)", MqttEndEx.Types.How.Closed, null)]
    [InlineData("E0 (04)", MqttEndEx.Types.How.WithWill, null)]
    [InlineData("E0 (00 (11 00000007))", MqttEndEx.Types.How.Closed, 7U)]
    public async Task Disconnect_TellsTheSessionHow(string picture, MqttEndEx.Types.How how, uint? expiry)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync(change: packet => packet with { Properties = new MqttPropertiesBuilder().Add(PropertyId.SessionExpiryInterval, 60).Build() });

        await client.SendAsync(picture);

        Assert.Null(await client.ReadFrameAsync());
        await Eventually.HoldsAsync(() => edge.Sessions.Last.IsDisposed);
        Assert.Equal((how, expiry), (edge.Sessions.Last.End!.How, edge.Sessions.Last.End.HasExpiry ? edge.Sessions.Last.End.Expiry : default(uint?)));
        Assert.True(edge.Deliveries.Last.IsDisposed);
    }

    [Fact]
    public async Task Socket_ThatCloses_IsALostConnection()
    {
        await using var edge = await TestEdge.StartAsync();
        await using (await edge.ConnectAsync())
        {
        }

        await Eventually.HoldsAsync(() => edge.Sessions.Last.IsDisposed);
        Assert.Equal(MqttEndEx.Types.How.Lost, edge.Sessions.Last.End!.How);
    }

    [Theory]
    [InlineData(4, 0x00, uint.MaxValue)] // a session that is to be kept
    [InlineData(5, 0x00, 0U)]
    public async Task Session_AskedFor_IsAsTheVersionHasIt(int version, int flags, uint expiry)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync((MqttVersion)version, change: packet => packet with { CleanStart = flags != 0 });

        Assert.Equal((false, expiry), (edge.Sessions.Last.Request.CleanStart, edge.Sessions.Last.Request.Expiry));
    }

    [Fact]
    public async Task Will_GoesToTheSessionAsARecord()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync(change: packet => packet with
        {
            Will = new WillMessage
            {
                Topic = "gone/me",
                Payload = "bye"u8.ToArray(),
                QualityOfService = QualityOfService.AtLeastOnce,
                Retain = true,
                Properties = new MqttPropertiesBuilder().Add(PropertyId.WillDelayInterval, 9).Build(),
            },
        });

        var will = edge.Sessions.Last.Request.Will!;
        Assert.Equal((9U, 1U, true, "gone/me"), (will.Delay, will.Qos, will.Retain, will.Topic));
        Assert.Equal(("messages", "retained", "gone/me", "bye"), (will.Record.Topic, will.Record.RetainedTopic, will.Record.Record.Key.ToStringUtf8(), will.Record.Value.ToStringUtf8()));
    }

    [Fact]
    public async Task Session_IsRefused_ConnackHasItsReason()
    {
        await using var edge = await TestEdge.StartAsync();
        edge.Sessions.Refusal = new SessionRefusedException(ReasonCode.ServerBusy, "later");
        await using var client = await edge.OpenAsync();

        var connack = await client.HelloAsync();

        Assert.Equal((ReasonCode.ServerBusy, "later"), (connack.Reason, connack.Properties.ReasonString.ToString()));
        Assert.Null(await client.ReadFrameAsync());
    }

    [Fact]
    public async Task Session_IsTakenOver_ClientIsTold()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        edge.Sessions.Last.EndWith(new(ReasonCode.SessionTakenOver, "elsewhere"));

        Assert.Equal(ReasonCode.SessionTakenOver, await client.EndAsync());
        await Eventually.HoldsAsync(() => edge.Sessions.Last.IsDisposed);
        Assert.Null(edge.Sessions.Last.End);
    }

    [Fact]
    public async Task Edge_GoesAway_ClientsAreTold()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();
        await using var old = await edge.ConnectAsync(MqttVersion.V311, "old");

        var stopped = edge.StopAsync();

        Assert.Equal(ReasonCode.ServerShuttingDown, await client.EndAsync());
        Assert.Null(await old.EndAsync());
        await stopped;
        Assert.All(edge.Sessions.Opened, session => Assert.Equal(MqttEndEx.Types.How.Leaving, session.End!.How));
    }

    [Fact]
    public async Task Clients_MoreThanMayBe_AreRefusedUntilOneGoes()
    {
        await using var edge = await TestEdge.StartAsync(new MqttServerBinding { Name = "mqtt", Exit = "map", Limits = new MqttLimits { Clients = 1 } });
        var first = await edge.ConnectAsync(clientId: "one");
        await using (var second = await edge.OpenAsync())
        {
            Assert.Equal(ReasonCode.ServerBusy, (await second.HelloAsync("two")).Reason);
        }

        await first.DisposeAsync();
        await Eventually.HoldsAsync(async () =>
        {
            await using var third = await edge.OpenAsync();
            return (await third.HelloAsync("three")).Reason == ReasonCode.Success;
        });
    }

    [Fact]
    public async Task Versions_NotOfTheBinding_AreRefused()
    {
        await using var edge = await TestEdge.StartAsync(new MqttServerBinding { Name = "mqtt", Exit = "map", Versions = ["v3.1.1"] });
        await using var client = await edge.OpenAsync();

        Assert.Equal(ReasonCode.UnsupportedProtocolVersion, (await client.HelloAsync()).Reason);
        await using var old = await edge.ConnectAsync(MqttVersion.V311);
    }

    [Fact]
    public async Task Connect_ByteByByteWithPacketsBehind_IsServedInOrder()
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.OpenAsync();

        foreach (var one in Wire.Bytes("10 (0004'MQTT' 05 02 003C 00 0001'a') C000 C000"))
        {
            await client.SendAsync(new[] { one });
        }

        Assert.Equal(ReasonCode.Success, (await client.ReadAsync<ConnackPacket>()).Reason);
        Assert.Equal(PacketType.Pingresp, (await client.ReadFrameAsync())!.Value.Type);
        Assert.Equal(PacketType.Pingresp, (await client.ReadFrameAsync())!.Value.Type);
    }
}
