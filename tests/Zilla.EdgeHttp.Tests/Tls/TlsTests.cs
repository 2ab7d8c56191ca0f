using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Config.Vaults;
using Zilla.Config.Watching;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Tls;

public sealed class TlsTests
{
    private const string Ok = "HTTP/1.1 200 OK";

    [RequiresToolFact("curl")]
    public async Task Curl_TrustingTheAuthority_Http1AndHttp2()
    {
        await using var tls = await TlsGateway.StartAsync(TlsGateway.Binding, Https());
        string[] arguments = ["-sS", "--max-time", "20", "--cacert", tls.CaPath, "-o", "/dev/null", "-w", "%{http_code} %{http_version} %{scheme}", $"https://localhost:{tls.Gateway.Port}/items"];

        Assert.Equal("200 1.1 HTTPS", (await ChildProcess.RunAsync("curl", [.. arguments, "--http1.1"])).ToUpperInvariant());
        Assert.Equal("200 2 HTTPS", (await ChildProcess.RunAsync("curl", arguments)).ToUpperInvariant());
    }

    [Theory]
    [InlineData("one.example", "CN=one.example")]
    [InlineData("a.two.example", "CN=*.two.example")]
    [InlineData("unknown.example", "CN=one.example")]
    public async Task Handshake_ServerName_ChoosesTheCertificate(string serverName, string subject)
    {
        await using var tls = await TlsGateway.StartAsync();

        await using var stream = await tls.ConnectAsync(serverName);

        Assert.Equal(subject, stream.RemoteCertificate!.Subject);
        Assert.Equal(Ok, await TlsGateway.GetAsync(stream)); // to the end of the stream: the server says goodbye
    }

    [Fact]
    public async Task Handshake_ServerNameThatIsNoneOfTheBindings_IsRefused_NoNameIsNot()
    {
        await using var tls = await TlsGateway.StartAsync(TlsGateway.Binding with { ServerNames = ["One.example", "*.two.example"] });

        Assert.False(await tls.IsRefusedAsync("one.example"));
        Assert.False(await tls.IsRefusedAsync("a.two.example"));
        Assert.True(await tls.IsRefusedAsync("localhost"));
        Assert.False(await tls.IsRefusedAsync("127.0.0.1")); // an address is never asked for
    }

    [Fact]
    public async Task Handshake_Protocols_OfTheHttpServer_InItsOrder()
    {
        await using var tls = await TlsGateway.StartAsync();

        await using var both = await tls.ConnectAsync("one.example", ["http/1.1", "h2"]);
        await using var none = await tls.ConnectAsync("one.example");

        Assert.Equal(SslApplicationProtocol.Http2, both.NegotiatedApplicationProtocol);
        Assert.Equal(0, none.NegotiatedApplicationProtocol.Protocol.Length);
        Assert.Equal(Ok, await TlsGateway.GetAsync(none));
        Assert.True(await tls.IsRefusedAsync("one.example", protocols: ["smtp"]));
    }

    [Fact]
    public async Task Routes_AuthorityAndProtocol_DecideWhereTo()
    {
        await using var tls = await TlsGateway.StartAsync(
            TlsGateway.Binding with
            {
                Exit = null,
                Alpn = ["h2", "http/1.1"],
                Routes =
                [
                    new TlsRoute { Exit = "http", When = [new() { Authority = "ONE.example" }] },
                    new TlsRoute { Exit = "other", When = [new() { Authority = "*.two.example", Alpn = "http/1.1" }] },
                ],
            },
            new HttpServerBinding { Name = "other" });

        await using var one = await tls.ConnectAsync("one.example", ["h2", "http/1.1"]);
        await using var two = await tls.ConnectAsync("a.two.example", ["h2", "http/1.1"]);

        Assert.Equal(SslApplicationProtocol.Http2, one.NegotiatedApplicationProtocol);
        Assert.Equal(SslApplicationProtocol.Http11, two.NegotiatedApplicationProtocol);
        Assert.Equal("HTTP/1.1 404 Not Found", await TlsGateway.GetAsync(two));
        Assert.True(await tls.IsRefusedAsync("a.two.example"));
        Assert.True(await tls.IsRefusedAsync("three.example"));
    }

    [Fact]
    public async Task Mutual_Required_OnlyTrustedCertificates()
    {
        await using var tls = await TlsGateway.StartAsync(TlsGateway.Binding with { Trust = ["ca"], TrustCaCerts = false, Mutual = TlsMutual.Required });
        using var trusted = tls.Clients.Issue("client");
        using var foreign = new TestAuthority("clients").Issue("client");

        await using (var stream = await tls.ConnectAsync("one.example", certificate: trusted))
        {
            Assert.Equal(Ok, await TlsGateway.GetAsync(stream));
        }

        Assert.True(await tls.IsRefusedAsync("one.example"));
        Assert.True(await tls.IsRefusedAsync("one.example", foreign));
    }

    [Fact]
    public async Task Mutual_Requested_NoneWillDo_AForeignOneWillNot()
    {
        await using var tls = await TlsGateway.StartAsync(TlsGateway.Binding with { Trust = ["ca"], Mutual = TlsMutual.Requested });
        using var trusted = tls.Clients.Issue("client");
        using var foreign = tls.Servers.Issue("client");

        Assert.False(await tls.IsRefusedAsync("one.example"));
        Assert.False(await tls.IsRefusedAsync("one.example", trusted));
        Assert.True(await tls.IsRefusedAsync("one.example", foreign));
    }

    [Fact]
    public async Task Routes_Certificate_DecidesWhereTo()
    {
        await using var tls = await TlsGateway.StartAsync(
            TlsGateway.Binding with
            {
                Exit = null,
                Trust = ["ca"],
                TrustCaCerts = false,
                Mutual = TlsMutual.Requested,
                Routes =
                [
                    new TlsRoute { Exit = "http", When = [new TlsCondition { Trust = ["partners"] }] },
                    new TlsRoute { Exit = "nothing", When = [new TlsCondition { HasCertificate = true, Authority = "one.example" }] },
                    new TlsRoute { Exit = "nothing", When = [new TlsCondition { HasCertificate = false }] },
                ],
            },
            new HttpServerBinding { Name = "nothing" });
        using var client = tls.Clients.Issue("client");
        using var partner = new TestAuthority("branch", tls.Partners).Issue("partner");
        using var direct = tls.Partners.Issue("partner");
        using var foreign = new TestAuthority("partners").Issue("partner");

        Assert.Equal("HTTP/1.1 404 Not Found", await StatusAsync("one.example", null));
        Assert.Equal("HTTP/1.1 404 Not Found", await StatusAsync("one.example", client));
        Assert.Equal(Ok, await StatusAsync("one.example", direct));
        Assert.True(await tls.IsRefusedAsync("two.example", client)); // no route takes it
        Assert.True(await tls.IsRefusedAsync("one.example", foreign));
        Assert.True(await tls.IsRefusedAsync("one.example", partner)); // without the certificate between it and its root nobody knows whose it is

        async Task<string> StatusAsync(string name, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate)
        {
            await using var stream = await tls.ConnectAsync(name, certificate: certificate);
            return await TlsGateway.GetAsync(stream);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("")] // nothing at all, until the deadline
    [InlineData("\u0016\u0003\u0001\u0002")] // the beginning of a record, until the deadline
    public async Task Handshake_NotTlsOrNotInTime_CostsThatConnection(string bytes)
    {
        await using var tls = await TlsGateway.StartAsync("00:00:01");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, tls.Gateway.Port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes));

        Assert.DoesNotContain("HTTP", await Eventually.CompletesAsync(ReadToEndAsync(client)), StringComparison.Ordinal);
        await Eventually.HoldsAsync(async () => !await tls.IsRefusedAsync("one.example")); // which may be slow itself
    }

    [Fact]
    public async Task Store_Replaced_NewConnectionsGetIt_OpenOnesStay()
    {
        await using var tls = await TlsGateway.StartAsync();
        await using var open = await tls.ConnectAsync("one.example");
        Assert.Equal(Ok, await TlsGateway.GetAsync(open, close: false));
        var before = open.RemoteCertificate!.GetCertHashString();

        File.WriteAllText(tls.KeysPath, "no store");
        Assert.False(await tls.IsRefusedAsync("one.example"));
        tls.WriteKeys();

        await Eventually.HoldsAsync(async () =>
        {
            await using var fresh = await tls.ConnectAsync("one.example");
            return fresh.RemoteCertificate!.GetCertHashString() != before;
        });
        Assert.Equal(Ok, await TlsGateway.GetAsync(open));
    }

    [Fact]
    public async Task Plan_PutsAPortUnderTls_PlainConnectionsAreNotServedAnyMore()
    {
        await using var tls = await TlsGateway.StartAsync();
        await tls.Gateway.ApplyAsync([tls.Gateway.Port]);
        using (var plain = await tls.Gateway.Client.GetAsync("/items"))
        {
            Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        }

        await tls.ApplyAsync(TlsGateway.Binding);

        using var again = await tls.Gateway.Client.GetAsync("/items"); // on the connection that it has
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.False(await tls.IsRefusedAsync("one.example"));
    }

    [Theory]
    [InlineData("missing", "keys.p12 cannot be read")]
    [InlineData("password", "its password does not open it")]
    [InlineData("alias", "has no entry 'three'")]
    [InlineData("keyless", "without its key")]
    [InlineData("vault", "the plan lacks its vault vault")]
    public async Task Plan_UnusableStore_RefusedWithReason_AndTheOneBeforeStays(string what, string reason)
    {
        await using var tls = await TlsGateway.StartAsync();
        var keys = new VaultStore { Path = what == "missing" ? "/none/keys.p12" : tls.KeysPath, Password = what == "password" ? "not-it" : TlsGateway.Password };
        tls.Gateway.Vaults = what == "vault" ? [] : [tls.Vault() with { Keys = keys }];

        var refused = await Assert.ThrowsAsync<PlanRefusedException>(() => tls.ApplyAsync(TlsGateway.Binding with { Keys = [what == "alias" ? "three" : what == "keyless" ? "ca" : "one"] }));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-it", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(TlsGateway.Password, refused.ToString(), StringComparison.Ordinal);
        Assert.False(await tls.IsRefusedAsync("one.example"));
    }

    [Fact]
    public void Vault_AsText_HasNoPassword() =>
        Assert.DoesNotContain("secret", new FilesystemVault { Name = "v", Keys = new VaultStore { Path = "/k", Password = "secret" } }.ToString(), StringComparison.Ordinal);

    /// <summary>Takes requests whose scheme is https alone.</summary>
    private static HttpServerBinding Https() => new()
    {
        Name = "http",
        Routes = [new HttpRoute { Exit = "rest", When = [new() { Headers = new Dictionary<string, string> { [":scheme"] = "https", [":authority"] = "localhost:*" } }] }],
    };

    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        try
        {
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
