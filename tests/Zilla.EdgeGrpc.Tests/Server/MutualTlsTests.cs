using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Config.Vaults;
using Zilla.Edge.Handover;
using Zilla.Edge.Http.Guards;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.Testing;

namespace Zilla.EdgeGrpc.Tests.Server;

/// <summary>An x509 guard, which knows callers by the certificates of a handshake: Google's client shows them.</summary>
public sealed class MutualTlsTests : IAsyncLifetime
{
    private const string Password = "pass-word", Method = "/zilla.tests.Things/Get";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tls-");
    private readonly TestAuthority _servers = new("servers"), _clients = new("clients");
    private Gateway _gateway = null!;

    public async Task InitializeAsync()
    {
        var (keys, trust) = (Path.Combine(_folder.FullName, "keys.p12"), Path.Combine(_folder.FullName, "trust.p12"));
        TestAuthority.Store(keys, Password, ("one", _servers.Issue("localhost", "127.0.0.1")));
        TestAuthority.Store(trust, Password, ("ca", _clients.Certificate));
        _gateway = await Gateway.StartAsync(
            new TlsServerBinding { Name = "tls", Vault = "vault", Keys = ["one"], Trust = ["ca"], TrustCaCerts = false, Mutual = TlsMutual.Requested, Guard = "peers", Exit = "http" },
            new FilesystemVault { Name = "vault", Keys = new VaultStore { Path = keys, Password = Password }, Trust = new VaultStore { Path = trust, Password = Password } },
            new X509Guard
            {
                Name = "peers",
                Identity = "subject.cn",
                Roles = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> { ["call"] = [new Dictionary<string, string> { ["san.dns"] = "*.callers.example" }] },
            },
            new GrpcKafkaRoute
            {
                Exit = "cache",
                Guarded = new Dictionary<string, IReadOnlyList<string>> { ["peers"] = ["call"] },
                Produce = new GrpcKafkaProduce { Topic = "calls", Overrides = new Dictionary<string, string> { ["sender"] = "${guarded['peers'].identity}" } },
            });
        _ = _gateway.Cache.Topic("calls");
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Certificate_SaysWhoCalls()
    {
        using (var alice = _clients.Issue("alice", "a.callers.example"))
        {
            Assert.Equal(StatusCode.OK, (await CallAsync(alice)).StatusCode);
        }

        Assert.All(_gateway.Cache.Topic("calls").Records(0), record =>
            Assert.Equal(["alice"], record.Headers.Where(header => header.Name.Span.SequenceEqual("sender"u8)).Select(header => Encoding.UTF8.GetString(header.Value.Span))));
        Assert.Equal(2, _gateway.Cache.Topic("calls").End(0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NoCertificate_OrOneWithoutTheRole_IsToldWhatItLacks_WhateverItClaims(bool claims)
    {
        Metadata metadata = claims
            ?
            [
                new(HandedOver.Header, new HandedOver { Exit = "grpc", Scheme = "https", Host = "h", Standing = Standing.Accepted, Grants = [new("peers", "alice", ["call"], new Dictionary<string, string>(), null)] }.Encode()),
                new("x-forwarded-client-cert", "Subject=\"CN=alice\";DNS=a.callers.example"), new("x-ssl-client-s-dn", "CN=alice"),
            ]
            : [];
        using var bob = _clients.Issue("bob", "b.others.example");
        Assert.Equal(new Status(StatusCode.PermissionDenied, $"What the client has been granted does not include {Method}."), await CallAsync(bob, metadata));
        Assert.Equal(new Status(StatusCode.Unauthenticated, "This needs credentials."), await CallAsync(null, metadata));
        Assert.Equal(0, _gateway.Cache.Topic("calls").End(0));
    }

    [Fact]
    public async Task Certificate_OfStrangers_DoesNotGetIn()
    {
        using var alice = new TestAuthority("clients").Issue("alice", "a.callers.example");
        Assert.NotEqual(StatusCode.OK, (await CallAsync(alice)).StatusCode);
        Assert.Equal(0, _gateway.Cache.Topic("calls").End(0));
    }

    private async Task<Status> CallAsync(X509Certificate2? certificate, Metadata? metadata = null)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_servers.Certificate);
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust, ClientCertificates = certificate is null ? [] : [certificate] } };
        using var channel = GrpcChannel.ForAddress($"https://127.0.0.1:{_gateway.Port}", new GrpcChannelOptions { HttpHandler = handler });
        using var call = new Things.ThingsClient(channel).GetAsync(new Everything { AString = "x" }, metadata, DateTime.UtcNow.AddMinutes(1));
        try
        {
            await call;
            return call.GetStatus();
        }
        catch (RpcException e)
        {
            return new(e.StatusCode, e.Status.Detail);
        }
    }
}
