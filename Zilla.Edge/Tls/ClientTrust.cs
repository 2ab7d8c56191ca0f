using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Tls;

/// <summary>Whether a client's certificate is asked for and believed.</summary>
/// <param name="mutual">Whether it is asked for.</param>
/// <param name="trusted">What it has to lead to, by alias.</param>
/// <param name="trustSystem">The authorities of the operating system count besides.</param>
internal sealed class ClientTrust(TlsMutual mutual, IReadOnlyDictionary<string, X509Certificate2> trusted, bool trustSystem)
{
    private readonly TrustedChain _chain = new([.. trusted.Values.Distinct()], trustSystem);

    /// <param name="options">Of one handshake.</param>
    /// <param name="trustedBy">Gets the aliases of what a certificate that is believed leads to.</param>
    public void Configure(SslServerAuthenticationOptions options, ICollection<string> trustedBy)
    {
        if (mutual == TlsMutual.None)
        {
            return;
        }

        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = _chain.Policy();
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Accepts(certificate, chain, errors, trustedBy);

        // Every connection shows its certificate anew, to whatever trust is in force then.
        options.AllowTlsResume = false;
    }

    private bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, ICollection<string> trustedBy)
    {
        if (!_chain.Accepts(certificate, chain, errors))
        {
            return errors == SslPolicyErrors.RemoteCertificateNotAvailable && certificate is null && mutual == TlsMutual.Requested;
        }

        foreach (var (alias, _) in trusted.Where(pair => chain is not null && chain.ChainElements.Any(element => element.Certificate.Equals(pair.Value))))
        {
            trustedBy.Add(alias);
        }

        return true;
    }
}
