using System.Net.Security;
using System.Security.Authentication;
using Zilla.Config.Bindings;
using Zilla.Config.Vaults;
using Zilla.Edge.Routing;

namespace Zilla.Edge.Tls;

/// <summary>A tls server binding, compiled: its certificates are read, and chosen by the name that a client asks for (SNI, RFC 6066 §3).</summary>
internal sealed class TlsServer
{
    private readonly TlsServerBinding _binding;
    private readonly List<SslStreamCertificateContext> _certificates;
    private readonly ClientTrust _trust;
    private readonly IReadOnlyList<string> _protocols;
    private readonly List<PathPattern> _names;

    /// <param name="binding">What to compile.</param>
    /// <param name="vault">Where its keys are; the stores are read now.</param>
    /// <param name="versions">What to offer by ALPN (RFC 7301) if the binding does not say.</param>
    /// <exception cref="FormatException">A store cannot be read, or lacks an entry.</exception>
    public TlsServer(TlsServerBinding binding, FilesystemVault vault, IReadOnlyList<string> versions)
    {
        _binding = binding;
        Routes = new TlsRoutes(binding);
        var read = TlsCertificates.Read(binding, vault);
        _certificates = [.. read.Keys.Select(certificate => SslStreamCertificateContext.Create(certificate, read.Chain, offline: true))];
        if (_certificates.Count == 0)
        {
            throw new FormatException($"{binding.Name}: it has no keys");
        }

        _trust = new ClientTrust(binding.Mutual, read.Trust, binding.TrustCaCerts);
        _names = [.. binding.ServerNames.Select(name => PathPattern.Compile(name.ToLowerInvariant()))];
        List<string> ofRoutes = [.. binding.Routes.SelectMany(route => route.When).Select(when => when.Alpn).OfType<string>().Distinct()];
        _protocols = binding.Alpn.Count > 0 ? binding.Alpn : ofRoutes.Count > 0 ? ofRoutes : versions;
    }

    public string Name => _binding.Name;

    public TlsRoutes Routes { get; }

    /// <param name="serverName">What the client asks for; empty = nothing.</param>
    /// <param name="port">The local port.</param>
    /// <param name="trustedBy">Gets the aliases of the trusted certificates that the client's leads to, in the course of the handshake.</param>
    /// <exception cref="AuthenticationException">It does not answer to that name, or no route takes such a connection.</exception>
    public SslServerAuthenticationOptions OptionsFor(string serverName, int port, ICollection<string> trustedBy)
    {
        if (_names.Count > 0 && serverName.Length > 0 && !_names.Exists(name => name.IsMatch(serverName.ToLowerInvariant())))
        {
            throw new AuthenticationException($"'{serverName}' is none of the names of {_binding.Name}");
        }

        var protocols = _protocols.Where(protocol => Routes.MayTake(serverName, protocol, port)).ToList();
        if (protocols.Count == 0 && !Routes.MayTake(serverName, "", port))
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
        _trust.Configure(options, trustedBy);
        return options;
    }
}
