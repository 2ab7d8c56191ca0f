using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;

namespace Zilla.KafkaCache.Clusters;

/// <summary>What a cluster's clients present and whom they believe, as PEM, which is how the client library takes it without a file.</summary>
/// <param name="Trusted">Certificates of authorities; null: those of the operating system.</param>
/// <param name="Certificate">The client's own; null: it shows none.</param>
/// <param name="Key">Its private key.</param>
internal sealed record TlsSettings(string? Trusted, string? Certificate, string? Key)
{
    /// <summary>Reads the stores of the vault; null if the cluster is spoken to without TLS.</summary>
    /// <exception cref="FormatException">A store cannot be read, or lacks an entry, or holds a key of a kind that is not known.</exception>
    public static TlsSettings? Read(ClusterTls? tls)
    {
        if (tls is null)
        {
            return null;
        }

        var read = TlsCertificates.Read(tls.Binding, tls.Vault);
        if (read.Keys.Count > 1)
        {
            throw new FormatException($"{tls.Binding.Name}: {read.Keys.Count} keys were issued by its signers, and a client can show one");
        }

        var trusted = read.Trust.Count == 0 ? null : Pem(tls.Binding.TrustCaCerts ? read.Trust.Values.Concat(OfTheSystem()) : read.Trust.Values);
        return read.Keys is not [var own] ? new(trusted, null, null) : new(trusted, Pem([own, .. Issuers(own, read.Chain)]), PrivateKey(own));
    }

    /// <summary>Says nothing secret: records are logged whole.</summary>
    public override string ToString() => Certificate is null ? "TLS" : "TLS with a client certificate";

    private static string Pem(IEnumerable<X509Certificate2> certificates) => string.Join('\n', certificates.Select(certificate => certificate.ExportCertificatePem()));

    private static X509Certificate2Collection OfTheSystem()
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        return store.Certificates;
    }

    /// <summary>What lies between a certificate and its root, as far as the store has it.</summary>
    private static IEnumerable<X509Certificate2> Issuers(X509Certificate2 certificate, X509Certificate2Collection all)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.ExtraStore.AddRange(all);
        chain.Build(certificate); // whether it is complete is for the broker to say
        return [.. chain.ChainElements.Skip(1).Select(element => element.Certificate).Where(issuer => !issuer.SubjectName.RawData.AsSpan().SequenceEqual(issuer.IssuerName.RawData))];
    }

    private static string PrivateKey(X509Certificate2 own)
    {
        try
        {
            using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)own.GetRSAPrivateKey() ?? own.GetECDsaPrivateKey();
            return key?.ExportPkcs8PrivateKeyPem() ?? throw new FormatException($"the key of {own.Subject} is neither RSA nor ECDSA");
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"the key of {own.Subject} cannot be used: {e.Message}", e);
        }
    }
}
