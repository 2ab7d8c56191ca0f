using System.Security.Cryptography.X509Certificates;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Clients;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("devkafka-tls-");

    public void Dispose() => _folder.Delete(recursive: true);

    [RequiresToolFact("kcat")]
    public async Task Kcat_OverTls_WithACertificateThatIsTrusted_AndNotWithout()
    {
        var authority = new TestAuthority("authority");
        using var client = authority.Issue("client");
        var (store, ca) = (Path.Combine(_folder.FullName, "broker.p12"), Write("ca.pem", authority.Certificate.ExportCertificatePem()));
        TestAuthority.Store(store, "pass-word", ("broker", authority.Issue("127.0.0.1")));
        await using var broker = await KafkaBroker.StartDevKafkaAsync("--tls-store", store, "--tls-password", "pass-word", "--tls-trust", ca);
        string[] open = ["-b", broker.BootstrapServers, "-X", "security.protocol=ssl", "-X", $"ssl.ca.location={ca}", "-X", "ssl.endpoint.identification.algorithm=https"];
        string[] known =
        [
            .. open,
            "-X", $"ssl.certificate.location={Write("client.pem", client.ExportCertificatePem())}",
            "-X", $"ssl.key.location={Write("client.key", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())}",
        ];

        await ChildProcess.RunAsync("kcat", ["-P", "-t", "items", .. known], input: "one\n");
        Assert.Equal("one", await ChildProcess.RunAsync("kcat", ["-C", "-t", "items", "-e", "-q", "-o", "beginning", .. known]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => ChildProcess.RunAsync("kcat", ["-L", "-m", "3", .. open]));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
