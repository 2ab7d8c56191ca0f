using System.Security.Cryptography.X509Certificates;

namespace Zilla.Edge.Guards.X509;

/// <summary>What a certificate says, by the names that x509 guards have for it: <c>subject.dn</c>, <c>subject.cn</c>, <c>issuer.o</c>, <c>san.dns</c>, <c>serial</c>…</summary>
internal sealed class CertificateFields(X509Certificate2 certificate)
{
    private static readonly HashSet<string> Known =
    [
        "serial", "subject.dn", "issuer.dn",
        .. DistinguishedName.Known.SelectMany(name => (string[])[$"subject.{name}", $"issuer.{name}"]),
        .. AlternativeNames.Known.Select(kind => $"san.{kind}"),
    ];

    private readonly DistinguishedName _subject = new(certificate.SubjectName);
    private readonly DistinguishedName _issuer = new(certificate.IssuerName);
    private readonly AlternativeNames _names = new(certificate);

    /// <exception cref="FormatException">There is no such field.</exception>
    public static string Checked(string field) =>
        Known.Contains(field) ? field : throw new FormatException($"'{field}' is no field of a certificate that is known: {string.Join(", ", Known.Order(StringComparer.Ordinal))}");

    /// <summary>Not empty ones; none if the certificate lacks it.</summary>
    public IEnumerable<string> Values(string field) => All(field).Where(value => value.Length > 0);

    private IEnumerable<string> All(string field) => field.Split('.') switch
    {
        ["serial"] => [certificate.SerialNumber],
        ["subject", "dn"] => [_subject.Text],
        ["issuer", "dn"] => [_issuer.Text],
        ["subject", var name] => _subject.Values(name),
        ["issuer", var name] => _issuer.Values(name),
        ["san", var kind] => _names.Values(kind),
        _ => [],
    };
}
