using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Zilla.Config.Bindings;
using Zilla.Config.Vaults;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Tls;

/// <summary>A gateway whose port speaks TLS with keys <c>one</c> (one.example, localhost) and <c>two</c> (*.two.example), and clients of it.</summary>
internal sealed class TlsGateway : IAsyncDisposable
{
    public const string Password = "pass-word";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tls-");

    private TlsGateway(Gateway gateway) => Gateway = gateway;

    public static TlsServerBinding Binding { get; } = new() { Name = "tls", Vault = "vault", Keys = ["one", "two"], Exit = "http" };

    public Gateway Gateway { get; }
    public TestAuthority Servers { get; } = new("servers");
    public TestAuthority Clients { get; } = new("clients");
    public TestAuthority Partners { get; } = new("partners");
    public string KeysPath => Path.Combine(_folder.FullName, "keys.p12");
    public string CaPath => Path.Combine(_folder.FullName, "ca.pem");
    private string TrustPath => Path.Combine(_folder.FullName, "trust.p12");

    public static Task<TlsGateway> StartAsync(TlsServerBinding? binding = null, params BindingConfig[] bindings) => StartAsync("00:00:30", binding, bindings);

    public static async Task<TlsGateway> StartAsync(string handshakeTimeout, TlsServerBinding? binding = null, params BindingConfig[] bindings)
    {
        var settings = new Dictionary<string, string?> { ["Zilla:Edge:HandshakeTimeout"] = handshakeTimeout, ["Zilla:Edge:VaultPollInterval"] = "00:00:00.050" };
        var started = new TlsGateway(await Gateway.StartAsync(TimeProvider.System, settings));
        _ = started.Gateway.Items; // the topic exists
        started.WriteKeys();
        TestAuthority.Store(started.TrustPath, Password, ("CA", started.Clients.Certificate), ("partners", started.Partners.Certificate));
        File.WriteAllText(started.CaPath, started.Servers.Certificate.ExportCertificatePem());
        started.Gateway.Vaults = [started.Vault()];
        await started.ApplyAsync([binding ?? Binding, .. bindings]);
        return started;
    }

    public FilesystemVault Vault() => new()
    {
        Name = "vault",
        Keys = new VaultStore { Path = KeysPath, Password = Password },
        Trust = new VaultStore { Path = TrustPath, Password = Password },
    };

    public void WriteKeys() => TestAuthority.Store(KeysPath, Password,
        ("one", Servers.Issue("one.example", "localhost")), ("two", Servers.Issue("*.two.example")), ("ca", Servers.Public));

    public Task ApplyAsync(params BindingConfig[] bindings) => Gateway.ApplyAsync([Gateway.Port], [.. bindings, new TcpServerBinding { Name = "tcp", Ports = [], Exit = "tls" }]);

    public async Task<SslStream> ConnectAsync(string serverName, string[]? protocols = null, X509Certificate2? certificate = null)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Gateway.Port);
        var stream = new SslStream(tcp.GetStream());
        try
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.Add(Servers.Certificate);
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = serverName,
                ApplicationProtocols = protocols is null ? null : [.. protocols.Select(p => new SslApplicationProtocol(p))],
                ClientCertificates = certificate is null ? null : [certificate],
                CertificateChainPolicy = trust,
                // The name is the test's business; that the chain is ours is checked.
                RemoteCertificateValidationCallback = (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            }, deadline.Token);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The status line of a GET over HTTP/1.1, whose answer comes in chunks; empty if the server closes instead.</summary>
    public static async Task<string> GetAsync(SslStream stream, string path = "/items", bool close = true)
    {
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: one.example\r\n{(close ? "Connection: close\r\n" : "")}\r\n"));
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var (answer, buffer) = ("", new byte[4096]);

            // To its last chunk where the connection stays: what is left over would be taken for the next answer.
            while ((close || !answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal)) && await stream.ReadAsync(buffer, deadline.Token) is > 0 and var read)
            {
                answer += Encoding.ASCII.GetString(buffer, 0, read);
            }

            return answer.Split('\r')[0];
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>The status line of a GET whose answer has a length; the connection stays.</summary>
    public static async Task<string> HeadAsync(SslStream stream)
    {
        await stream.WriteAsync("GET /items HTTP/1.1\r\nHost: one.example\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (status, length) = (await reader.ReadLineAsync(deadline.Token) ?? "", 0);
        while (await reader.ReadLineAsync(deadline.Token) is { Length: > 0 } line)
        {
            length = line.StartsWith("Content-Length: ", StringComparison.Ordinal) ? int.Parse(line["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture) : length;
        }

        await reader.ReadBlockAsync(new char[length], deadline.Token);
        return status;
    }

    /// <summary>True if the handshake or the first request over it fails: with TLS 1.3 a client learns of a refusal when it reads.</summary>
    public async Task<bool> IsRefusedAsync(string serverName, X509Certificate2? certificate = null, string[]? protocols = null)
    {
        try
        {
            await using var stream = await ConnectAsync(serverName, protocols, certificate);
            return (await GetAsync(stream)).Length == 0;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
