using System.Security.Cryptography.X509Certificates;

namespace Zilla.Edge.Tls;

/// <summary>Connection feature of connections that came in over TLS.</summary>
public interface ITlsFeature
{
    /// <summary>The name that the client asked for (SNI); empty = none.</summary>
    string ServerName { get; }

    /// <summary>The application protocol agreed on (ALPN); empty = none.</summary>
    string Protocol { get; }

    /// <summary>What the client has shown, and the handshake believed; null = nothing.</summary>
    X509Certificate2? ClientCertificate { get; }

    /// <summary>Aliases of the trusted certificates that it leads to.</summary>
    IReadOnlyCollection<string> TrustedBy { get; }
}
