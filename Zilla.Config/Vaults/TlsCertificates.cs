using System.Security.Cryptography.X509Certificates;
using Zilla.Config.Bindings;

namespace Zilla.Config.Vaults;

/// <summary>What a tls binding names in its vault, read from the stores.</summary>
public sealed class TlsCertificates
{
    private TlsCertificates(IReadOnlyList<X509Certificate2> keys, X509Certificate2Collection chain, IReadOnlyDictionary<string, X509Certificate2> trust) =>
        (Keys, Chain, Trust) = (keys, chain, trust);

    /// <summary>Certificates with their private keys, in the order in which the binding names them; those of <c>signers</c> in the order of the store.</summary>
    public IReadOnlyList<X509Certificate2> Keys { get; }

    /// <summary>Every certificate of the store that the keys are in: they complete chains.</summary>
    public X509Certificate2Collection Chain { get; }

    /// <summary>By alias; those that the routes of a server name are among them.</summary>
    public IReadOnlyDictionary<string, X509Certificate2> Trust { get; }

    /// <param name="binding">What to read for.</param>
    /// <param name="vault">The vault that it names; null if it names none.</param>
    /// <exception cref="FormatException">A store cannot be read, or lacks an entry; the message names the file or the binding, never a password.</exception>
    public static TlsCertificates Read(TlsBinding binding, FilesystemVault? vault)
    {
        ArgumentNullException.ThrowIfNull(binding);
        var (keys, chain) = Keyed(binding, vault);
        return new TlsCertificates(keys, chain, Trusted(binding, vault));
    }

    private static (IReadOnlyList<X509Certificate2> Keys, X509Certificate2Collection Chain) Keyed(TlsBinding binding, FilesystemVault? vault)
    {
        if (binding.Keys.Count == 0 && binding.Signers.Count == 0)
        {
            return ([], []);
        }

        var (keys, path) = Store(binding, vault, vault?.Keys, "keys");
        List<X509Certificate2> chosen = binding.Signers.Count == 0
            ? [.. binding.Keys.Select(alias => keys.Find(alias, path))]
            : [.. IssuedBy(keys, binding, vault)];
        if (chosen.Find(certificate => !certificate.HasPrivateKey) is { } keyless)
        {
            throw new FormatException($"the store {path} holds the certificate of {keyless.Subject} without its key");
        }

        return chosen.Count > 0 ? (chosen, keys.All) : throw new FormatException($"{binding.Name}: no key in {path} was issued by its signers");
    }

    private static IEnumerable<X509Certificate2> IssuedBy(KeyStore keys, TlsBinding binding, FilesystemVault? vault)
    {
        var (signers, path) = Store(binding, vault, vault?.Signers, "signers");
        List<X509Certificate2> issuers = [.. binding.Signers.Select(alias => signers.Find(alias, path))];
        return keys.Entries.Where(key => key.HasPrivateKey && issuers.Exists(issuer => issuer.SubjectName.RawData.AsSpan().SequenceEqual(key.IssuerName.RawData)));
    }

    private static Dictionary<string, X509Certificate2> Trusted(TlsBinding binding, FilesystemVault? vault)
    {
        var aliases = binding.Trust.Concat((binding as TlsServerBinding)?.Routes.SelectMany(route => route.When).SelectMany(when => when.Trust) ?? []).Distinct().ToList();
        if (aliases.Count == 0)
        {
            return [];
        }

        var (store, path) = Store(binding, vault, vault?.Trust, "trust");
        return aliases.ToDictionary(alias => alias, alias => store.Find(alias, path), StringComparer.Ordinal);
    }

    private static (KeyStore Store, string Path) Store(TlsBinding binding, FilesystemVault? vault, VaultStore? store, string kind) =>
        (KeyStore.Read(store ?? throw new FormatException($"{binding.Name}: the vault {vault?.Name} has no {kind}")), store.Path);
}
