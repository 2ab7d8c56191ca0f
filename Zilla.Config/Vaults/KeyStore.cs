using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Zilla.Config.Vaults;

/// <summary>A PKCS#12 file (RFC 7292), read whole: its certificates, those of keys with their key, by alias.</summary>
internal sealed class KeyStore
{
    private const int MaxBytes = 4 << 20;
    private const string FriendlyName = "1.2.840.113549.1.9.20";
    private const string LocalKeyId = "1.2.840.113549.1.9.21";

    private readonly List<(string Alias, X509Certificate2 Certificate)> _entries = [];

    private KeyStore(X509Certificate2Collection all) => All = all;

    /// <summary>Certificates without alias included: they complete the chains of others.</summary>
    public X509Certificate2Collection All { get; }

    public IEnumerable<X509Certificate2> Entries => _entries.Select(entry => entry.Certificate);

    /// <exception cref="FormatException">There is no such file, or it or its password is wrong; the message names the file, never the password.</exception>
    public static KeyStore Read(VaultStore store)
    {
        try
        {
            var bytes = new FileInfo(store.Path).Length <= MaxBytes ? File.ReadAllBytes(store.Path) : throw new IOException($"larger than {MaxBytes} bytes");
            var aliases = Aliases(bytes, store.Password);
            var read = new KeyStore(X509CertificateLoader.LoadPkcs12Collection(bytes, store.Password, X509KeyStorageFlags.Exportable));
            foreach (var certificate in read.All)
            {
                if (aliases.TryGetValue(certificate.Thumbprint, out var alias) && (store.Entries.Count == 0 || store.Entries.Contains(alias, StringComparer.OrdinalIgnoreCase)))
                {
                    read._entries.Add((alias, certificate));
                }
            }

            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"the store {store.Path} cannot be read: {e.Message}", e);
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"the store {store.Path} is not PKCS#12, or its password does not open it", e);
        }
    }

    /// <summary>Aliases differ in more than letter case, as in Java's stores.</summary>
    /// <exception cref="FormatException">There is none of that name.</exception>
    public X509Certificate2 Find(string alias, string store) =>
        _entries.FirstOrDefault(entry => string.Equals(entry.Alias, alias, StringComparison.OrdinalIgnoreCase)).Certificate
        ?? throw new FormatException($"the store {store} has no entry '{alias}'");

    /// <summary>By thumbprint. A certificate without a name of its own has that of its key.</summary>
    private static Dictionary<string, string> Aliases(byte[] bytes, string? password)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        var unnamed = new List<(string Thumbprint, string KeyId)>();
        foreach (var contents in Pkcs12Info.Decode(bytes, out _).AuthenticatedSafe)
        {
            if (contents.ConfidentialityMode == Pkcs12ConfidentialityMode.Password)
            {
                contents.Decrypt(password);
            }

            foreach (var bag in contents.GetBags())
            {
                var (name, keyId) = (NameOf(bag), KeyIdOf(bag));
                if (bag is not Pkcs12CertBag { IsX509Certificate: true } held)
                {
                    if (name is not null && keyId is not null)
                    {
                        keys[keyId] = name;
                    }

                    continue;
                }

                using var certificate = held.GetCertificate();
                if (name is not null)
                {
                    names[certificate.Thumbprint] = name;
                }
                else if (keyId is not null)
                {
                    unnamed.Add((certificate.Thumbprint, keyId));
                }
            }
        }

        foreach (var (thumbprint, keyId) in unnamed)
        {
            if (keys.TryGetValue(keyId, out var name))
            {
                names.TryAdd(thumbprint, name);
            }
        }

        return names;
    }

    private static string? NameOf(Pkcs12SafeBag bag)
    {
        try
        {
            return Attribute(bag, FriendlyName) is { } der ? AsnDecoder.ReadCharacterString(der, AsnEncodingRules.BER, UniversalTagNumber.BMPString, out _) : null;
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException(e.Message, e);
        }
    }

    private static string? KeyIdOf(Pkcs12SafeBag bag) => Attribute(bag, LocalKeyId) is { } der ? Convert.ToHexString(der) : null;

    private static byte[]? Attribute(Pkcs12SafeBag bag, string oid)
    {
        foreach (var attribute in bag.Attributes)
        {
            if (attribute.Oid.Value == oid && attribute.Values.Count > 0)
            {
                return attribute.Values[0].RawData;
            }
        }

        return null;
    }
}
