using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Zilla.Testing;

/// <summary>A certificate authority of a test's own, and PKCS#12 stores with aliases as keytool writes them.</summary>
public sealed class TestAuthority
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <param name="name">Its common name.</param>
    /// <param name="issuer">Null: it is a root.</param>
    public TestAuthority(string name, TestAuthority? issuer = null)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (issuer is null)
        {
            Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }
        else
        {
            using var issued = request.Create(issuer.Certificate, DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow.AddHours(2), RandomNumberGenerator.GetBytes(8));
            Certificate = issued.CopyWithPrivateKey(_key);
        }
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>Without the key.</summary>
    public X509Certificate2 Public => X509CertificateLoader.LoadCertificate(Certificate.RawData);

    public X509Certificate2 Issue(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var subjects = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                subjects.AddIpAddress(address);
            }
            else
            {
                subjects.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(subjects.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], false));
        using var issued = request.Create(Certificate, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    public static void Store(string path, string password, params (string Alias, X509Certificate2 Certificate)[] entries)
    {
        var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        var (keys, certificates) = (new Pkcs12SafeContents(), new Pkcs12SafeContents());
        foreach (var (alias, certificate) in entries)
        {
            var held = certificates.AddCertificate(certificate);
            held.Attributes.Add(FriendlyName(alias));
            if (certificate.GetECDsaPrivateKey() is { } key)
            {
                var id = new Pkcs9LocalKeyId(certificate.GetCertHash());
                held.Attributes.Add(id);
                keys.AddShroudedKey(key, password, encryption).Attributes.Add(id);
            }
        }

        var builder = new Pkcs12Builder();
        builder.AddSafeContentsUnencrypted(keys);
        builder.AddSafeContentsEncrypted(certificates, password, encryption);
        builder.SealWithMac(password, HashAlgorithmName.SHA256, 1000);
        File.WriteAllBytes(path + ".new", builder.Encode());
        File.Move(path + ".new", path, overwrite: true);
    }

    private static AsnEncodedData FriendlyName(string alias)
    {
        // BMPString: 1e length, UTF-16 big endian
        var text = Encoding.BigEndianUnicode.GetBytes(alias);
        return new AsnEncodedData("1.2.840.113549.1.9.20", [0x1e, (byte)text.Length, .. text]);
    }
}
