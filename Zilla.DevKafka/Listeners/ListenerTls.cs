using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Zilla.DevKafka.Listeners;

/// <summary>The TLS of a listener: its certificate, and whose clients it takes. For trying out how clients are set up.</summary>
internal sealed class ListenerTls
{
    private readonly SslServerAuthenticationOptions _options;

    private ListenerTls(SslServerAuthenticationOptions options) => _options = options;

    /// <param name="store">A PKCS#12 file; the first key in it is the listener's.</param>
    /// <param name="password">What opens it.</param>
    /// <param name="trust">A PEM file of authorities, of one of which clients have to show a certificate; null: they are not asked.</param>
    /// <exception cref="CryptographicException">A file is not what it should be.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ListenerTls Read(string store, string? password, string? trust)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(store, password);
        var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException($"{store} holds no key");
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(own, all, offline: true) };
        if (trust is not null)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(trust);
        }

        return new ListenerTls(options);
    }

    /// <exception cref="System.Security.Authentication.AuthenticationException">The client does not fit.</exception>
    /// <exception cref="OperationCanceledException">It took longer than <paramref name="limit"/>.</exception>
    public async Task<Stream> SecureAsync(Stream plain, TimeSpan limit, TimeProvider time, CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        var secured = new SslStream(plain);
        try
        {
            await secured.AuthenticateAsServerAsync(_options, either.Token);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync();
            throw;
        }
    }
}
