using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Zilla.Config.Bindings;
using Zilla.Config.Vaults;

namespace Zilla.Edge.Tls;

/// <summary>A tls server binding, compiled: its certificates are read, and chosen by the name that a client asks for (SNI, RFC 6066 §3).</summary>
internal sealed class TlsServer
{
    private readonly TlsServerBinding _binding;
    private readonly List<SslStreamCertificateContext> _certificates;
    private readonly ClientTrust _trust;
    private readonly IReadOnlyList<string> _protocols;

    /// <param name="binding">What to compile.</param>
    /// <param name="vault">Where its keys are; the stores are read now.</param>
    /// <param name="versions">What to offer by ALPN (RFC 7301) if the binding does not say.</param>
    /// <exception cref="FormatException">A store cannot be read, or lacks an entry.</exception>
    public TlsServer(TlsServerBinding binding, FilesystemVault vault, IReadOnlyList<string> versions)
    {
        _binding = binding;
        Routes = new TlsRoutes(binding);
        _certificates = [.. Certificates(binding, vault)];
        _trust = new ClientTrust(binding.Mutual, Trusted(binding, vault), binding.TrustCaCerts);
        List<string> ofRoutes = [.. binding.Routes.SelectMany(route => route.When).Select(when => when.Alpn).OfType<string>().Distinct()];
        _protocols = binding.Alpn.Count > 0 ? binding.Alpn : ofRoutes.Count > 0 ? ofRoutes : versions;
    }

    public TlsRoutes Routes { get; }

    /// <exception cref="AuthenticationException">No route takes such a connection.</exception>
    public SslServerAuthenticationOptions OptionsFor(string serverName, int port)
    {
        var protocols = _protocols.Where(protocol => Routes.Find(serverName, protocol, port) is not null).ToList();
        if (protocols.Count == 0 && Routes.Find(serverName, "", port) is null)
        {
            throw new AuthenticationException($"no route of {_binding.Name} takes '{serverName}'");
        }

        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificates.Find(c => serverName.Length > 0 && c.TargetCertificate.MatchesHostname(serverName)) ?? _certificates[0],
            ApplicationProtocols = [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))],
            EnabledSslProtocols = _binding.OnlyTls12 ? SslProtocols.Tls12 : SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
        };
        _trust.Configure(options);
        return options;
    }

    private static IEnumerable<SslStreamCertificateContext> Certificates(TlsServerBinding binding, FilesystemVault vault)
    {
        var keys = Store(binding, vault, vault.Keys, "keys");
        var path = vault.Keys!.Path;
        List<X509Certificate2> chosen = binding.Signers.Count == 0
            ? [.. binding.Keys.Select(alias => keys.Find(alias, path))]
            : [.. IssuedBy(keys, Store(binding, vault, vault.Signers, "signers"), binding.Signers, vault.Signers!.Path)];
        if (chosen.Find(certificate => !certificate.HasPrivateKey) is { } keyless)
        {
            throw new FormatException($"the store {path} holds the certificate of {keyless.Subject} without its key");
        }

        return chosen.Count > 0
            ? chosen.Select(certificate => SslStreamCertificateContext.Create(certificate, keys.All, offline: true))
            : throw new FormatException($"{binding.Name}: no key in {path} was issued by its signers");
    }

    private static IEnumerable<X509Certificate2> IssuedBy(KeyStore keys, KeyStore signers, IReadOnlyList<string> aliases, string path)
    {
        List<X509Certificate2> issuers = [.. aliases.Select(alias => signers.Find(alias, path))];
        return keys.Entries.Where(key => key.HasPrivateKey && issuers.Exists(issuer => issuer.SubjectName.RawData.AsSpan().SequenceEqual(key.IssuerName.RawData)));
    }

    private static X509Certificate2Collection Trusted(TlsServerBinding binding, FilesystemVault vault)
    {
        var trusted = new X509Certificate2Collection();
        if (binding.Trust.Count > 0)
        {
            var store = Store(binding, vault, vault.Trust, "trust");
            trusted.AddRange(binding.Trust.Select(alias => store.Find(alias, vault.Trust!.Path)).ToArray());
        }

        return trusted;
    }

    private static KeyStore Store(TlsServerBinding binding, FilesystemVault vault, VaultStore? store, string kind) =>
        KeyStore.Read(store ?? throw new FormatException($"{binding.Name}: the vault {vault.Name} has no {kind}"));
}
