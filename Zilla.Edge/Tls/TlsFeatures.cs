using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Zilla.Edge.Tls;

/// <summary>What Kestrel goes by: with it a request has the scheme https.</summary>
internal sealed class TlsFeatures(SslStream stream, string serverName, IReadOnlyCollection<string> trustedBy) : ITlsFeature, ITlsConnectionFeature, ITlsApplicationProtocolFeature
{
    public string ServerName => serverName;

    public string Protocol { get; } = stream.NegotiatedApplicationProtocol.ToString();

    public ReadOnlyMemory<byte> ApplicationProtocol { get; } = stream.NegotiatedApplicationProtocol.Protocol;

    public X509Certificate2? ClientCertificate { get; set; } = stream.RemoteCertificate as X509Certificate2;

    public IReadOnlyCollection<string> TrustedBy => trustedBy;

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
