using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Zilla.ServiceDefaults.Channel;

/// <summary>This service's certificate, and the authorities that those of the others have to come from. Read once, when the service starts.</summary>
internal sealed class ChannelCertificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities = [];
    private readonly X509Certificate2Collection _chain = [];
    private readonly X509Certificate2? _own;

    /// <exception cref="FormatException">A file cannot be read.</exception>
    public ChannelCertificates(ChannelOptions options)
    {
        if (options.AuthorityFile is not { } authority)
        {
            return;
        }

        Read("AuthorityFile", authority, _authorities.ImportFromPemFile);
        Read("CertificateFile", options.CertificateFile!, _chain.ImportFromPemFile);
        Read("CertificateKeyFile", options.CertificateKeyFile!, _ => { });
        try
        {
            _own = X509Certificate2.CreateFromPemFile(options.CertificateFile!, options.CertificateKeyFile);
        }
        catch (Exception mismatch) when (mismatch is CryptographicException or ArgumentException)
        {
            throw new FormatException($"{ChannelOptions.Section}:CertificateFile and :CertificateKeyFile do not go together: {mismatch.Message}", mismatch);
        }
    }

    /// <summary>Whether services know each other by certificates.</summary>
    public bool AreSet => _own is not null;

    /// <summary>Has callers present a certificate of the authorities, and is known by this service's own unless the endpoint has another.</summary>
    public void Apply(HttpsConnectionAdapterOptions https)
    {
        if (AreSet)
        {
            (https.ServerCertificate, https.ServerCertificateChain) = (_own, _chain);
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.OnAuthenticate = (_, ssl) => ssl.CertificateChainPolicy = Policy(ClientAuthentication);
        }
    }

    /// <summary>Presents this service's certificate, and has that of the other come from the authorities and name it.</summary>
    public void Apply(SslClientAuthenticationOptions ssl)
    {
        if (AreSet)
        {
            ssl.ClientCertificateContext = SslStreamCertificateContext.Create(_own!, _chain, offline: true);
            ssl.CertificateChainPolicy = Policy(ServerAuthentication);
        }
    }

    private X509ChainPolicy Policy(string purpose)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ApplicationPolicy.Add(new Oid(purpose));
        return policy;
    }

    private static void Read(string setting, string file, Action<string> read)
    {
        try
        {
            using (File.OpenRead(file))
            {
                read(file);
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FormatException($"{ChannelOptions.Section}:{setting}: {unreadable.Message}", unreadable);
        }
    }
}
