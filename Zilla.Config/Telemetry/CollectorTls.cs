using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;

namespace Zilla.Config.Telemetry;

/// <summary><c>options.tls</c> of an otlp exporter, with what it names read from the vault.</summary>
internal static class CollectorTls
{
    /// <summary>Null: the exporter says nothing about TLS, and https goes by the operating system.</summary>
    /// <returns>How to speak to the collector, and a text that is another once that would be different.</returns>
    /// <exception cref="FormatException">A store cannot be read, or lacks an entry.</exception>
    public static (string Identity, SslClientAuthenticationOptions Options)? Of(OtlpExporter exporter, OtlpPlan plan)
    {
        if (exporter.Tls is not { } tls)
        {
            return null;
        }

        var vault = plan.Vaults?.FirstOrDefault(vault => vault.Name == exporter.Vault);
        var stamp = vault is null ? "" : new[] { vault }.Stamp();
        var read = TlsCertificates.Read(new TlsClientBinding { Name = exporter.Name, Keys = tls.Keys, Trust = tls.Trust }, vault);
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (read.Trust.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(read.Trust.Values.ToArray());
            if (tls.TrustCaCerts)
            {
                using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
                policy.CustomTrustStore.AddRange(system.Certificates);
            }
        }

        return ($"{exporter.Vault} {string.Join(',', tls.Keys)} {string.Join(',', tls.Trust)} {tls.TrustCaCerts} {stamp}", new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = policy,
            ClientCertificateContext = read.Keys is [var key, ..] ? SslStreamCertificateContext.Create(key, read.Chain, offline: true) : null,
        });
    }
}
