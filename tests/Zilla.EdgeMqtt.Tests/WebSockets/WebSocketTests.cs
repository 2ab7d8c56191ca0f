using System.Net;
using System.Net.WebSockets;
using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Edge.Tests.Guards;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Connections;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.WebSockets;

/// <summary>§6: MQTT over WebSockets.</summary>
public sealed class WebSocketTests
{
    private static readonly BindingConfig[] Bindings =
    [
        new TcpServerBinding { Name = "tcp", Ports = [], Exit = "http" },
        new HttpServerBinding { Name = "http", Routes = [new HttpRoute { Exit = "ws", When = [new HttpCondition { Headers = new Dictionary<string, string> { [":path"] = "/mqtt" } }] }] },
        new WsServerBinding { Name = "ws", Routes = [new WsRoute { Exit = "mqtt", When = [new WsCondition { Protocol = "mqtt" }] }] },
    ];

    private const string Connect = "10 (0004'MQTT' 05 02 003C 00 0001'a')";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_OverAWebSocket_IsAClientLikeAnyOther(bool isHttp2)
    {
        await using var edge = await TestEdge.StartAsync(Bindings);
        using var socket = await ConnectAsync(edge, isHttp2);
        await using var client = new TestClient(WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: true), MqttVersion.V5);

        await client.HelloAsync("me");
        await client.PublishAsync("a", "x", qos: 1, id: 1);
        Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
        await client.SendAsync("E000");

        Assert.Null(await client.ReadFrameAsync());
        Assert.Equal(("mqtt", WebSocketCloseStatus.NormalClosure), (socket.SubProtocol, socket.CloseStatus));
        Assert.Equal(["x"], edge.Values());
        await Eventually.HoldsAsync(() => edge.Sessions.Last.IsDisposed);
    }

    [Fact]
    public async Task Packets_SpanMessages_AndMessagesSeveralPackets()
    {
        await using var edge = await TestEdge.StartAsync(Bindings);
        using var socket = await ConnectAsync(edge);
        var bytes = Wire.Bytes($"{Connect} C000 C000");
        foreach (var end in new[] { (0, 5), (5, 6), (6, bytes.Length - 3), (bytes.Length - 3, bytes.Length) })
        {
            await socket.SendAsync(bytes.AsMemory(end.Item1..end.Item2), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }

        await using var client = new TestClient(WebSocketStream.Create(socket, WebSocketMessageType.Binary), MqttVersion.V5);
        Assert.Equal(ReasonCode.Success, (await client.ReadAsync<ConnackPacket>()).Reason);
        Assert.Equal(PacketType.Pingresp, (await client.ReadFrameAsync())!.Value.Type);
        Assert.Equal(PacketType.Pingresp, (await client.ReadFrameAsync())!.Value.Type);
    }

    [Fact]
    public async Task Text_IsRefused()
    {
        await using var edge = await TestEdge.StartAsync(Bindings);
        using var socket = await ConnectAsync(edge);
        await socket.SendAsync(Wire.Bytes(Connect), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        var read = await socket.ReceiveAsync(new byte[100], CancellationToken.None);

        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.InvalidMessageType), (read.MessageType, socket.CloseStatus));
        Assert.Empty(edge.Sessions.Opened);
    }

    [Theory]
    [InlineData("/other", "mqtt")]
    [InlineData("/mqtt", "amqp")]
    [InlineData("/mqtt", null)]
    public async Task Route_TakesNoOther(string path, string? protocol)
    {
        await using var edge = await TestEdge.StartAsync(Bindings);

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(edge, path: path, protocol: protocol));

        Assert.Contains("404", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithoutUpgrade_IsToldWhatIsThere()
    {
        await using var edge = await TestEdge.StartAsync(Bindings);
        using var http = new HttpClient();

        using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{edge.Port}/mqtt"));

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Contains("MQTT", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edge_GoesAway_ClientIsTold()
    {
        await using var edge = await TestEdge.StartAsync(Bindings);
        using var socket = await ConnectAsync(edge);
        await using var client = new TestClient(WebSocketStream.Create(socket, WebSocketMessageType.Binary), MqttVersion.V5);
        await client.HelloAsync();

        var stopped = edge.StopAsync();

        Assert.Equal(ReasonCode.ServerShuttingDown, await client.EndAsync());
        await stopped;
    }

    [Theory]
    [InlineData("write:items", true)]
    [InlineData("read:items", false)]
    public async Task HttpServer_ThatJudgesTheRequest_SaysWhoTheClientIs(string role, bool isLetIn)
    {
        var issuer = new TestIssuer();
        await using var keys = await JwksServer.StartAsync(issuer.Keys);
        var guard = new JwtGuard { Name = "jwt", Issuer = TestIssuer.Issuer, Audience = TestIssuer.Audience, KeysUrl = keys.Url };
        await using var edge = await TestEdge.StartAsync(
            new ManualTime(TestIssuer.Now), new Dictionary<string, string?>(), [new VaultOrGuard(Guard: guard)],
            Bindings[0],
            new HttpServerBinding
            {
                Name = "http",
                Authorization = new HttpAuthorization { Guard = "jwt", Query = new Dictionary<string, string> { ["token"] = "{credentials}" } },
                Routes = [new HttpRoute { Exit = "ws", Guarded = new Dictionary<string, IReadOnlyList<string>> { ["jwt"] = ["write:items"] } }],
            },
            Bindings[2],
            new MqttServerBinding
            {
                Name = "mqtt",
                Routes = [new MqttRoute { Exit = "map", Guarded = new Dictionary<string, IReadOnlyList<string>> { ["jwt"] = [] }, When = [new MqttCondition { Publish = [new MqttTopicCondition { Topic = "{who}", Params = new Dictionary<string, string> { ["who"] = "${guarded['jwt'].identity}" } }] }] }],
            });
        var path = $"/mqtt?token={issuer.Token(TestIssuer.Claims($$"""{"sub":"ann","scope":"{{role}}"}"""))}";
        if (!isLetIn)
        {
            Assert.Contains("40", (await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(edge, path: path))).Message, StringComparison.Ordinal);
            return;
        }

        using var socket = await ConnectAsync(edge, path: path);
        await using var client = new TestClient(WebSocketStream.Create(socket, WebSocketMessageType.Binary), MqttVersion.V5);
        await client.HelloAsync(change: packet => packet with { KeepAlive = 0 });
        await client.PublishAsync("ann", "1", qos: 1, id: 1);
        Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
        await client.PublishAsync("bob", "2", qos: 1, id: 2);
        Assert.Equal((PacketType.Puback, 2, ReasonCode.NotAuthorized), await client.AckAsync());
    }

    [Fact]
    public async Task Route_ThatTakesNoWebSocketAnyMore_DisconnectsItsClients()
    {
        await using var edge = await TestEdge.StartAsync(Bindings);
        using var socket = await ConnectAsync(edge);
        await using var client = new TestClient(WebSocketStream.Create(socket, WebSocketMessageType.Binary), MqttVersion.V5);
        await client.HelloAsync();
        await edge.ApplyAsync([.. Bindings, new EchoBinding { Name = "unheard-of" }]);
        await client.PingAsync();

        await edge.ApplyAsync([.. Bindings[..2], new WsServerBinding { Name = "ws", Routes = [new WsRoute { Exit = "mqtt", When = [new WsCondition { Protocol = "other" }] }] }]);

        Assert.Equal(ReasonCode.AdministrativeAction, await client.EndAsync());
    }

    private static async Task<ClientWebSocket> ConnectAsync(TestEdge edge, bool isHttp2 = false, string path = "/mqtt", string? protocol = "mqtt")
    {
        var socket = new ClientWebSocket();
        if (protocol is not null)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        if (isHttp2)
        {
            socket.Options.HttpVersion = HttpVersion.Version20;
            socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{edge.Port}{path}"), new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false }), CancellationToken.None);
        return socket;
    }
}
