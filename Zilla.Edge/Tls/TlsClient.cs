using System.Net.Security;
using System.Security.Authentication;
using Zilla.Config.Bindings;
using Zilla.Config.Vaults;

namespace Zilla.Edge.Tls;

/// <summary>A tls client binding towards a service, compiled: its certificates are read.</summary>
public sealed class TlsClient
{
    private readonly TlsClientBinding _binding;
    private readonly SslStreamCertificateContext? _certificate;
    private readonly TrustedChain _trust;

    /// <exception cref="FormatException">A store cannot be read, or lacks an entry.</exception>
    internal TlsClient(TlsClientBinding binding, FilesystemVault? vault)
    {
        var read = TlsCertificates.Read(binding, vault);
        _binding = binding;
        _certificate = read.Keys is [var key, ..] ? SslStreamCertificateContext.Create(key, read.Chain, offline: true) : null;
        _trust = new TrustedChain([.. read.Trust.Values], binding.TrustCaCerts);
    }

    /// <summary>The service's certificate has to be for the name that is asked for: the binding's, else the host that is dialled, which <c>TargetHost</c> is unset for.</summary>
    public SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = _binding.OnlyTls12 is true ? SslProtocols.Tls12 : SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateContext = _certificate,
            CertificateChainPolicy = _trust.Policy(),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => _trust.Accepts(certificate, chain, errors),
        };
        if (_binding.ServerNames is [var name, ..])
        {
            options.TargetHost = name;
        }

        return options;
    }
}
