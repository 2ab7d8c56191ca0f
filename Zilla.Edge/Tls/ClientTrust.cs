using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Tls;

/// <summary>Whether a client's certificate is asked for and believed.</summary>
internal sealed class ClientTrust(TlsMutual mutual, X509Certificate2Collection trusted, bool trustSystem)
{
    private readonly TrustedChain _chain = new(trusted, trustSystem);

    public void Configure(SslServerAuthenticationOptions options)
    {
        if (mutual == TlsMutual.None)
        {
            return;
        }

        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = _chain.Policy();
        options.RemoteCertificateValidationCallback = Accepts;

        // Every connection shows its certificate anew, to whatever trust is in force then.
        options.AllowTlsResume = false;
    }

    private bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        _chain.Accepts(certificate, chain, errors)
        || (errors == SslPolicyErrors.RemoteCertificateNotAvailable && certificate is null && mutual == TlsMutual.Requested);
}
