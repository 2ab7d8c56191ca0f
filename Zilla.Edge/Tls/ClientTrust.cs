using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Tls;

/// <summary>Whether a client's certificate is asked for and believed. Revocation is not looked up.</summary>
internal sealed class ClientTrust(TlsMutual mutual, X509Certificate2Collection trusted, bool trustSystem)
{
    public void Configure(SslServerAuthenticationOptions options)
    {
        if (mutual == TlsMutual.None)
        {
            return;
        }

        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = Policy();
        options.RemoteCertificateValidationCallback = Accepts;

        // Every connection shows its certificate anew, to whatever trust is in force then.
        options.AllowTlsResume = false;
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (trusted.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(trusted);
        }

        return policy;
    }

    private bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None
        || (errors == SslPolicyErrors.RemoteCertificateNotAvailable && certificate is null && mutual == TlsMutual.Requested)
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
