using System.Globalization;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt;

/// <summary>MQTT over TLS, with clients that their certificates name.</summary>
[Collection(MqttSuiteCollection.Name)]
public sealed class TlsTests(MqttSuite suite)
{
    [RequiresToolFact("mosquitto_pub", "mosquitto_sub")]
    public async Task Certificate_SaysWhoAClientIsAndWhatItMay()
    {
        await using var listening = await suite.SubscribeAsync("-V", "5", "-t", "of/#", "-q", "1", "-C", "2");
        await PublishAsync("alice", "5", "of/alice/a", "one");
        await PublishAsync("bob", "311", "of/bob/b", "two");
        await listening.WaitForExitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["of/alice/a one q1 r0", "of/bob/b two q1 r0"], MqttSuite.Got(listening).Order(StringComparer.Ordinal));

        Assert.Contains("Not authorized", await PublishAsync("alice", "5", "of/bob/a", "three"), StringComparison.OrdinalIgnoreCase);
    }

    [RequiresToolFact("mosquitto_pub")]
    public async Task Client_WithoutACertificate_DoesNotGetIn() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("-V", "5", "-t", "of/alice/a", "-m", "x", "-q", "1", "--cafile", Authority()));

    private Task<string> PublishAsync(string name, string version, string topic, string message)
    {
        using var certificate = suite.Authority.Issue(name);
        var (cert, key) = (Path.Combine(suite.Folder, $"{name}.pem"), Path.Combine(suite.Folder, $"{name}.key"));
        File.WriteAllText(cert, certificate.ExportCertificatePem());
        using var ecdsa = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
        File.WriteAllText(key, ecdsa.ExportPkcs8PrivateKeyPem());
        return RunAsync("-V", version, "-t", topic, "-m", message, "-q", "1", "--cafile", Authority(), "--cert", cert, "--key", key);
    }

    [RequiresToolFact("mosquitto_pub", "node", "npm")]
    public async Task MqttJs_OverASecureWebSocket_BothVersionsHearEachOther() => ForeignClientTests.AssertHeard("wss", await NodeClients.RunAsync(
        "mqtt.mjs", new Dictionary<string, string?> { ["NODE_EXTRA_CA_CERTS"] = Authority() }, $"wss://localhost:{suite.SecureWebSocketPort}/mqtt", "wss"));

    private string Authority()
    {
        var path = Path.Combine(suite.Folder, "ca.pem");
        File.WriteAllText(path, suite.Authority.Certificate.ExportCertificatePem());
        return path;
    }

    private Task<string> RunAsync(params string[] arguments) => ChildProcess.RunAsync("mosquitto_pub", ["-h", "localhost", "-p", suite.TlsPort.ToString(CultureInfo.InvariantCulture), .. arguments]);
}
