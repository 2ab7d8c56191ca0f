using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Zilla.Config.Bindings;
using Zilla.Config.Vaults;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>The configuration changes while clients are connected: they are served by the one that is in force.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private TestEdge _edge = null!;

    public async Task InitializeAsync() => _edge = await TestEdge.StartAsync(Server(publish: "a/#", subscribe: "a/#"));

    public async Task DisposeAsync() => await _edge.DisposeAsync();

    [Fact]
    public async Task Change_OfAnotherBinding_LeavesClientsAlone()
    {
        await using var client = await _edge.ConnectAsync();
        await client.SubscribeAsync(Filters.Subscription("a/b"));

        await _edge.ApplyAsync(Server(publish: "a/#", subscribe: "a/#"), new EchoBinding { Name = "unheard-of" });
        await client.PublishAsync("a/b", "1", qos: 1, id: 1);

        Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
        Assert.Single(_edge.Sessions.Opened);
    }

    [Fact]
    public async Task Rights_AreThoseOfTheNewConfiguration_FromTheNextPacketOn()
    {
        await using var client = await _edge.ConnectAsync();

        await _edge.ApplyAsync(Server(publish: "b/#", subscribe: "c/#"));

        await client.PublishAsync("a/b", "1", qos: 1, id: 1);
        Assert.Equal((PacketType.Puback, 1, ReasonCode.NotAuthorized), await client.AckAsync());
        await client.PublishAsync("b/b", "2", qos: 1, id: 2);
        Assert.Equal((PacketType.Puback, 2, ReasonCode.Success), await client.AckAsync());
        Assert.Equal([ReasonCode.NotAuthorized], await client.SubscribeAsync(Filters.Subscription("a/b")));
        Assert.Equal([ReasonCode.GrantedQoS1], await client.SubscribeAsync(Filters.Subscription("c/b")));
        Assert.Equal(["2"], _edge.Values());
    }

    /// <summary>What wakes the loop that reads must not harm what it reads from.</summary>
    [Fact]
    public async Task Client_OverTls_StaysThroughOneChangeAfterTheOther()
    {
        var folder = Directory.CreateTempSubdirectory("reload-");
        var store = new VaultStore { Path = Path.Combine(folder.FullName, "keys.p12"), Password = "pass-word" };
        TestAuthority.Store(store.Path, store.Password, ("one", new TestAuthority("servers").Issue("localhost")));
        BindingConfig[] carried = [new TcpServerBinding { Name = "tcp", Ports = [], Exit = "tls" }, new TlsServerBinding { Name = "tls", Vault = "vault", Keys = ["one"], Exit = "mqtt" }];
        await using var edge = await TestEdge.StartAsync(
            null, new Dictionary<string, string?>(), [new VaultOrGuard(Vault: new FilesystemVault { Name = "vault", Keys = store })], [.. carried, Server(publish: "a/#", subscribe: "a/#")]);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, edge.Port);
        var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        await using var client = new TestClient(tls, MqttVersion.V5);
        await client.HelloAsync();

        for (ushort round = 1; round <= 10; round++)
        {
            await edge.ApplyAsync([.. carried, Server(publish: round % 2 == 0 ? "a/#" : "b/#", subscribe: "a/#")]);
            await client.PublishAsync("a/b", "x", qos: 1, id: round);
            Assert.Equal((PacketType.Puback, round, round % 2 == 0 ? ReasonCode.Success : ReasonCode.NotAuthorized), await client.AckAsync());
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Rates_AreThoseOfTheNewConfiguration()
    {
        await using var client = await _edge.ConnectAsync();

        await _edge.ApplyAsync(Server(publish: "a/#", subscribe: "a/#") with { Limits = new MqttLimits { RatePerAddress = new RateLimit { Requests = 1, Per = TimeSpan.FromHours(1) } } });
        await client.PublishAsync("a/b", "1", qos: 1, id: 1);
        await client.PublishAsync("a/b", "2", qos: 1, id: 2);

        Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await client.AckAsync());
        Assert.Equal((PacketType.Puback, 2, ReasonCode.QuotaExceeded), await client.AckAsync());
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public async Task Subscription_ThatIsAllowedNoMore_EndsTheConnection_EvenOfASilentClient(int version)
    {
        await using var client = await _edge.ConnectAsync((MqttVersion)version);
        await client.SubscribeAsync(Filters.Subscription("a/b"));

        await _edge.ApplyAsync(Server(publish: "a/#", subscribe: "a/c"));

        Assert.Equal((MqttVersion)version == MqttVersion.V5 ? ReasonCode.NotAuthorized : null, await client.EndAsync());
        await Eventually.HoldsAsync(() => _edge.Sessions.Last.IsDisposed);
    }

    [Fact]
    public async Task Client_ThatNoRouteTakesAnyMore_IsDisconnected_OthersAreNot()
    {
        await using var one = await _edge.ConnectAsync(clientId: "one");
        await using var two = await _edge.ConnectAsync(clientId: "two");

        await _edge.ApplyAsync(Server(publish: "a/#", subscribe: "a/#", session: "t*"));

        Assert.Equal(ReasonCode.NotAuthorized, await one.EndAsync());
        await two.PingAsync();
    }

    [Fact]
    public async Task Topics_ThatAreOthersNow_DisconnectClients_WhoComeBackToThem()
    {
        await using var client = await _edge.ConnectAsync();

        _edge.Cache.Topic("others");
        await _edge.ApplyAsync(Server(publish: "a/#", subscribe: "a/#"), new MqttKafkaBinding
        {
            Name = "map",
            Topics = new MqttKafkaTopics { Sessions = "sessions", Messages = "others", Retained = "retained" },
            Exit = "cache",
        });

        Assert.Equal(ReasonCode.AdministrativeAction, await client.EndAsync());
        await using var again = await _edge.ConnectAsync();
        await again.PublishAsync("a/b", "1", qos: 1, id: 1);
        Assert.Equal((PacketType.Puback, 1, ReasonCode.Success), await again.AckAsync());
        Assert.Equal(["1"], _edge.Values("others"));
    }

    [Fact]
    public async Task Listener_ThatLeadsElsewhere_OrSpeaksTheVersionNoMore_DisconnectsClients()
    {
        await using var client = await _edge.ConnectAsync(MqttVersion.V311);
        await using var five = await _edge.ConnectAsync(clientId: "five");
        await _edge.ApplyAsync(Server(publish: "a/#", subscribe: "a/#") with { Versions = ["v5"] });
        Assert.Null(await client.EndAsync());
        await five.PingAsync();

        await _edge.ApplyAsync(new TcpServerBinding { Name = "tcp", Ports = [], Exit = "other" }, new MqttServerBinding { Name = "other", Exit = "map" });

        Assert.Equal(ReasonCode.AdministrativeAction, await five.EndAsync());
    }

    [Fact]
    public async Task Will_ThatMayNotBePublishedAnyMore_IsForgotten_AndTheClientStays()
    {
        await using var may = await ConnectAsync("may", will: "a/will");
        await using var mayNot = await ConnectAsync("may-not", will: "a/other");
        await using var without = await _edge.ConnectAsync(clientId: "without");

        await _edge.ApplyAsync(Server(publish: "a/will", subscribe: "a/#"));

        await Eventually.HoldsAsync(() => Session("may-not").ForgotWillInTime == true);
        await may.PingAsync();
        await mayNot.PingAsync();
        await without.PingAsync();
        Assert.Null(Session("may").ForgotWillInTime);
        Assert.Null(Session("without").ForgotWillInTime);
        Assert.Contains(_edge.Log.Lines, line => line.Contains("may-not may not publish its will any more", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("t*", "a/#", true)] // no route takes it
    [InlineData("*", "b/#", true)] // a subscription is allowed no more, and so is the will
    [InlineData("*", "a/#", false)] // a subscription alone
    public async Task Will_OfAClientThatIsDisconnected_IsForgottenBeforeTheEnd(string session, string publish, bool forgotten)
    {
        await using var client = await ConnectAsync("one", will: "a/will");
        await client.SubscribeAsync(Filters.Subscription("a/b"));

        await _edge.ApplyAsync(Server(publish, subscribe: "a/c", session));

        Assert.Equal(ReasonCode.NotAuthorized, await client.EndAsync());
        await Eventually.HoldsAsync(() => Session("one").IsDisposed);
        Assert.Equal(forgotten ? true : null, Session("one").ForgotWillInTime);
        Assert.Equal(MqttEndEx.Types.How.Lost, Session("one").End!.How);
    }

    private FakeSession Session(string client) => _edge.Sessions.Opened.Single(session => session.Request.ClientId == client);

    private Task<TestClient> ConnectAsync(string id, string will) => _edge.ConnectAsync(clientId: id, change: packet => packet with { Will = new WillMessage { Topic = will } });

    private static MqttServerBinding Server(string publish, string subscribe, string session = "*") => new()
    {
        Name = "mqtt",
        Routes =
        [
            new MqttRoute
            {
                Exit = "map",
                When = [new MqttCondition { Session = [session], Publish = [new MqttTopicCondition { Topic = publish }], Subscribe = [new MqttTopicCondition { Topic = subscribe }] }],
            },
        ],
    };
}
