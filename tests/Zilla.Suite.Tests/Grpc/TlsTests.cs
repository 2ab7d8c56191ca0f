using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Grpc;

/// <summary>gRPC over TLS at the gRPC edge's own port: HTTP/2 is agreed upon, and certificates say who calls.</summary>
[Collection(GrpcCollection.Name)]
public sealed class TlsTests(GrpcSuite suite)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>One of an authority that is not believed does not get through the handshake.</summary>
    [RequiresToolFact("node", "npm")]
    public async Task Certificate_SaysWhoMayCall_AndWhoseTheRecordsAre()
    {
        using var alice = suite.Clients.Issue("alice", "alice.callers.example");
        using var bob = suite.Clients.Issue("bob", "bob.readers.example");
        using var stranger = new TestAuthority("clients").Issue("alice", "alice.callers.example");

        Assert.Contains("\"text\":\"from alice\"", await CallAsync("from alice", alice), StringComparison.Ordinal);
        Assert.Equal("PERMISSION_DENIED: What the client has been granted does not include /zilla.tests.Calls/Talk.", await CallAsync("from bob", bob));
        Assert.Equal("UNAUTHENTICATED: This needs credentials.", await CallAsync("from nobody", null));
        Assert.StartsWith("UNAVAILABLE: ", await CallAsync("from a stranger", stranger), StringComparison.Ordinal);

        var records = suite.Broker.ReadCommitted(suite.Talks);
        Assert.Equal(2, records.Count); // the message and the end
        Assert.All(records, record => Assert.Equal("alice", Encoding.UTF8.GetString(record.Message.Key)));
    }

    /// <param name="offered">What the client speaks, the favourite first.</param>
    /// <param name="agreed">Null: the handshake fails.</param>
    [Theory]
    [InlineData("http/1.1 h2", "h2")]
    [InlineData("h2", "h2")]
    [InlineData("spdy/3", null)]
    public async Task Handshake_AgreesOnHttp2(string offered, string? agreed)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", suite.Mutual);
        await using var tls = new SslStream(client.GetStream());
        using var patience = new CancellationTokenSource(Patience);
        var handshake = tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [.. offered.Split(' ').Select(name => new SslApplicationProtocol(name))],
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { suite.Server.Public }, RevocationMode = X509RevocationMode.NoCheck },
            },
            patience.Token);
        if (agreed is null)
        {
            // An alert, or the end of the connection before it.
            var failure = await Record.ExceptionAsync(() => handshake);
            Assert.True(failure is AuthenticationException or IOException, $"{failure}");
        }
        else
        {
            await handshake;
            Assert.Equal(agreed, tls.NegotiatedApplicationProtocol.ToString());
        }
    }

    /// <summary>The last line that grpc-js prints.</summary>
    /// <param name="text">Of the message.</param>
    /// <param name="certificate">Of the client; null: it shows none.</param>
    private async Task<string> CallAsync(string text, X509Certificate2? certificate)
    {
        var environment = new Dictionary<string, string?> { ["CA"] = Write("ca.pem", suite.Server.Certificate.ExportCertificatePem()) };
        if (certificate is not null)
        {
            using var key = certificate.GetECDsaPrivateKey()!;
            (environment["CERT"], environment["KEY"]) = (Write("client.pem", certificate.ExportCertificatePem()), Write("client.key", key.ExportPkcs8PrivateKeyPem()));
        }

        await using var client = await NodeClients.StartAsync("grpc-call.mjs", environment, $"localhost:{suite.Mutual}", "calls.proto", "zilla.tests.Calls/Talk", $$"""{"text":"{{text}}"}""");
        await client.WaitForExitAsync(Patience);
        return client.Lines.LastOrDefault() ?? suite.Output;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(suite.Folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
