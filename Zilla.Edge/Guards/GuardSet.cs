using Zilla.Edge.Guards.X509;

namespace Zilla.Edge.Guards;

/// <summary>The guards of a plan, by name.</summary>
/// <param name="Credentials">Those that judge what requests carry.</param>
/// <param name="Certificates">Those that judge what was shown in the TLS handshake.</param>
public sealed record GuardSet(IReadOnlyDictionary<string, ICredentialGuard> Credentials, IReadOnlyDictionary<string, CertificateGuard> Certificates);
