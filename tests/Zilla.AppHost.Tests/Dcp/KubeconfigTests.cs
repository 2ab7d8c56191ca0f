using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Zilla.AppHost.Hosting.Dcp;

namespace Zilla.AppHost.Tests.Dcp;

public sealed class KubeconfigTests
{
    private static readonly X509Certificate2 Authority = CreateAuthority();

    [Fact]
    public void TryParse_WholeFile_HasAllThree()
    {
        var parsed = Kubeconfig.TryParse(Yaml(Authority.ExportCertificatePem()));

        Assert.NotNull(parsed);
        Assert.Equal("https://127.0.0.1:41234/", parsed.Server.ToString());
        Assert.Equal("secret-token", parsed.Token);
        Assert.Equal(Authority.Thumbprint, parsed.Authority.Thumbprint);
    }

    [Fact]
    public void TryParse_CertificateIsDer_IsReadToo()
    {
        var yaml = Yaml("").Replace("certificate-authority-data: ", "certificate-authority-data: " + Convert.ToBase64String(Authority.RawData), StringComparison.Ordinal);

        Assert.Equal(Authority.Thumbprint, Kubeconfig.TryParse(yaml)?.Authority.Thumbprint);
    }

    /// <summary>The file is read while it is written: at no length may a part of it pass for the whole.</summary>
    [Fact]
    public void TryParse_CutAnywhere_IsNullOrComplete()
    {
        var yaml = Yaml(Authority.ExportCertificatePem());
        var endOfToken = yaml.IndexOf("secret-token\n", StringComparison.Ordinal) + "secret-token\n".Length;
        for (var length = 0; length <= yaml.Length; length++)
        {
            var parsed = Kubeconfig.TryParse(yaml[..length]);

            Assert.Equal(length >= endOfToken, parsed is not null);
            Assert.Equal(parsed is null ? null : "secret-token", parsed?.Token);
        }
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    public void TryParse_CertificateIsNonsense_IsNull(string data) =>
        Assert.Null(Kubeconfig.TryParse($"server: https://127.0.0.1:1\ncertificate-authority-data: {data}\ntoken: t\n"));

    private static string Yaml(string pem) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: apiserver
          cluster:
            server: https://127.0.0.1:41234
            certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))}
        users:
        - name: apiserver_user
          user:
            token: secret-token
        current-context: apiserver

        """.ReplaceLineEndings("\n");

    private static X509Certificate2 CreateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
