using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Zilla.AppHost.Hosting.Dcp;

/// <summary>
/// What it takes to call the orchestrator's API: <c>server</c>, <c>certificate-authority-data</c> and <c>token</c> of the file it writes at start.
/// </summary>
internal sealed record Kubeconfig(Uri Server, X509Certificate2 Authority, string Token)
{
    /// <summary>Null while the file is not written to its end: it is read while it comes into being.</summary>
    public static Kubeconfig? TryParse(string yaml)
    {
        // A file cut inside its last value still looks whole; only the newline behind it says that it is.
        var lines = yaml[..(yaml.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.TrimEntries);
        return ValueOf(lines, "server") is { } server && ValueOf(lines, "certificate-authority-data") is { } authority && ValueOf(lines, "token") is { } token
            && Uri.TryCreate(server.TrimEnd('/') + "/", UriKind.Absolute, out var address) && TryReadCertificate(authority) is { } certificate
            ? new Kubeconfig(address, certificate, token)
            : null;
    }

    private static string? ValueOf(string[] lines, string key) =>
        lines.Select(line => line.TrimStart('-').Trim()).FirstOrDefault(line => line.StartsWith(key + ": ", StringComparison.Ordinal)) is { } found
            && found[(key.Length + 2)..].Trim(' ', '"') is { Length: > 0 } value
            ? value
            : null;

    private static X509Certificate2? TryReadCertificate(string base64)
    {
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, bytes, out var length))
        {
            return null;
        }

        try
        {
            var text = Encoding.ASCII.GetString(bytes, 0, length);
            return text.StartsWith("-----", StringComparison.Ordinal) ? X509Certificate2.CreateFromPem(text) : X509CertificateLoader.LoadCertificate(bytes.AsSpan(0, length));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
