using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Zilla.Edge.Tls;

/// <summary>Whether the certificate of the other side is believed. Revocation is not looked up.</summary>
/// <param name="trusted">What it has to lead to; none: an authority of the operating system.</param>
/// <param name="trustSystem">The authorities of the operating system count besides.</param>
internal sealed class TrustedChain(X509Certificate2Collection trusted, bool trustSystem)
{
    /// <summary>To check a chain by before <see cref="Accepts"/> is asked.</summary>
    public X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (trusted.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(trusted);
        }

        return policy;
    }

    public bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None
        || (errors == SslPolicyErrors.RemoteCertificateChainErrors && certificate is X509Certificate2 shown && chain is not null && (EndsAtTrusted(chain) || SystemTrusts(shown, chain)));

    /// <summary>A trusted certificate need not be a root: what it has issued is trusted all the same.</summary>
    private bool EndsAtTrusted(X509Chain chain) =>
        chain.ChainElements.Count > 0
        && chain.ChainStatus.All(status => status.Status == X509ChainStatusFlags.PartialChain)
        && trusted.Contains(chain.ChainElements[^1].Certificate);

    private bool SystemTrusts(X509Certificate2 certificate, X509Chain shown)
    {
        if (!trustSystem || trusted.Count == 0)
        {
            return false; // The policy has asked the system already, or must not.
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var purpose in shown.ChainPolicy.ApplicationPolicy)
        {
            chain.ChainPolicy.ApplicationPolicy.Add(purpose);
        }

        chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        return chain.Build(certificate);
    }
}
