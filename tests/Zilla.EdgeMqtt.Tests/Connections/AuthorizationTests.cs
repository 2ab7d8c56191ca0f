using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Edge.Tests.Guards;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>Who may connect, publish and subscribe: guards, credentials templates and routes (reference §2.11).</summary>
public sealed class AuthorizationTests : IAsyncLifetime
{
    private static readonly TestIssuer Issuer = new();

    private static readonly MqttServerBinding Guarded = new()
    {
        Name = "mqtt",
        Authorization = new MqttAuthorization { Guard = "jwt", Password = "Bearer {credentials}" },
        Routes =
        [
            new MqttRoute
            {
                Exit = "map",
                Guarded = new Dictionary<string, IReadOnlyList<string>> { ["jwt"] = ["write:items"] },
                When =
                [
                    new MqttCondition
                    {
                        Session = ["dev-*"],
                        Publish = [new MqttTopicCondition { Topic = "own/{who}/#", Params = new Dictionary<string, string> { ["who"] = "${guarded['jwt'].identity}" } }],
                        Subscribe = [new MqttTopicCondition { Topic = "all/+" }],
                    },
                ],
            },
        ],
    };

    private readonly ManualTime _time = new(TestIssuer.Now);
    private JwksServer _keys = null!;
    private TestEdge _edge = null!;

    public async Task InitializeAsync()
    {
        _keys = await JwksServer.StartAsync(Issuer.Keys);
        var guard = new JwtGuard { Name = "jwt", Issuer = TestIssuer.Issuer, Audience = TestIssuer.Audience, KeysUrl = _keys.Url };
        _edge = await TestEdge.StartAsync(_time, new Dictionary<string, string?> { ["Zilla:Edge:Mqtt:GoodbyeTimeout"] = "10.00:00:00" }, [new VaultOrGuard(Guard: guard)], Guarded);
    }

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _keys.DisposeAsync();
    }

    [Theory]
    [InlineData("Bearer nonsense", 0x86)]
    [InlineData("nonsense", 0x86)]
    [InlineData("", 0x87)] // nobody: no route takes it
    public async Task Connect_WithoutGoodCredentials_IsRefused(string password, int reason)
    {
        await using var client = await _edge.OpenAsync();

        var connack = await client.HelloAsync("dev-1", packet => packet with { Password = System.Text.Encoding.UTF8.GetBytes(password) });

        Assert.Equal((ReasonCode)reason, connack.Reason);
        Assert.Null(await client.ReadFrameAsync());
    }

    [Theory]
    [InlineData("Bearer nonsense", 0x86)]
    [InlineData("", 0x87)]
    public async Task Connect_Of311WithoutGoodCredentials_IsRefusedInItsWords(string password, int reason)
    {
        await using var client = await _edge.OpenAsync(MqttVersion.V311);

        var connack = await client.HelloAsync("dev-1", packet => packet with { UserName = "me", Password = System.Text.Encoding.UTF8.GetBytes(password) });

        Assert.Equal((ReasonCode)reason, connack.Reason);
    }

    [Theory]
    [InlineData("other", "write:items")]
    [InlineData("dev-1", "read:items")]
    public async Task Connect_NoRouteTakesTheClient_IsNotAuthorized(string id, string role)
    {
        await using var client = await _edge.OpenAsync();

        Assert.Equal(ReasonCode.NotAuthorized, (await client.HelloAsync(id, packet => With(packet, Token(role)))).Reason);
    }

    [Fact]
    public async Task Publish_OnlyWhatTheRouteNames()
    {
        await using var client = await ConnectAsync();

        await client.PublishAsync("own/ann/x", "1", qos: 1, id: 1);
        Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
        await client.PublishAsync("own/bob/x", "2", qos: 1, id: 2);
        Assert.Equal((PacketType.Puback, 2, ReasonCode.NotAuthorized), await client.AckAsync());
        await client.PublishAsync("own/bob/x", "3", qos: 2, id: 3);
        Assert.Equal((PacketType.Pubrec, 3, ReasonCode.NotAuthorized), await client.AckAsync());
        await client.PublishAsync("own/bob/x", "4");

        Assert.Equal(ReasonCode.NotAuthorized, await client.EndAsync());
        Assert.Equal(["1"], _edge.Values());
    }

    [Fact]
    public async Task Publish_Of311ThatIsNotAllowed_ClosesTheConnection()
    {
        await using var client = await ConnectAsync(MqttVersion.V311);

        await client.PublishAsync("own/bob/x", "2", qos: 1, id: 2);

        Assert.Null(await client.EndAsync());
    }

    [Fact]
    public async Task Will_ThatTheClientMayNotPublish_IsRefused()
    {
        await using var client = await _edge.OpenAsync();

        var connack = await client.HelloAsync("dev-1", packet => With(packet, Token("write:items")) with { Will = new WillMessage { Topic = "own/bob/x" } });

        Assert.Equal(ReasonCode.NotAuthorized, connack.Reason);
    }

    [Theory]
    [InlineData(5, 0x87)]
    [InlineData(4, 0x80)]
    public async Task Subscribe_EachFilterForItself(int version, int refused)
    {
        await using var client = await ConnectAsync((MqttVersion)version);

        var reasons = await client.SubscribeAsync([.. new[] { "#", "all/+", "all/x/y", "all/x" }.Select(filter => Filters.Subscription(filter))]);

        Assert.Equal([(ReasonCode)refused, ReasonCode.GrantedQoS1, (ReasonCode)refused, ReasonCode.GrantedQoS1], reasons);
        Assert.Equal(["all/+ 1 0", "all/x 1 0"], _edge.Deliveries.Last.Subscribed);
    }

    [Fact]
    public async Task Subscribe_Shared_TheFilterBehindTheNameCounts()
    {
        await using var client = await ConnectAsync();

        Assert.Equal([ReasonCode.GrantedQoS1, ReasonCode.NotAuthorized], await client.SubscribeAsync(Filters.Subscription("$share/g/all/x"), Filters.Subscription("$share/g/#")));
    }

    [Fact]
    public async Task Token_Expires_ConnectionEnds()
    {
        await using var client = await ConnectAsync();

        _time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(ReasonCode.MaximumConnectTime, await client.EndAsync());
        await Eventually.HoldsAsync(() => _edge.Sessions.Last.IsDisposed);
        Assert.Equal(MqttEndEx.Types.How.Lost, _edge.Sessions.Last.End!.How);
    }

    private static ConnectPacket With(ConnectPacket packet, string token) =>
        packet with { UserName = "ignored", Password = System.Text.Encoding.UTF8.GetBytes($"Bearer {token}"), KeepAlive = 0 };

    private static string Token(string role) => Issuer.Token(TestIssuer.Claims($$"""{"sub":"ann","scope":"{{role}}"}"""));

    private Task<TestClient> ConnectAsync(MqttVersion version = MqttVersion.V5) => _edge.ConnectAsync(version, "dev-1", packet => With(packet, Token("write:items")));
}
