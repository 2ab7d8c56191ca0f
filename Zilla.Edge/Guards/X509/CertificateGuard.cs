using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Zilla.Config.Guards;
using Zilla.Edge.Routing;

namespace Zilla.Edge.Guards.X509;

/// <summary>
/// Says who a client is, and what it may, by the certificate that it showed in its TLS handshake (reference §3.1). Whether that is to be believed has been
/// decided there.
/// </summary>
public sealed class CertificateGuard
{
    private readonly X509Guard _rules;
    private readonly ILogger _logger;
    private readonly (string Role, (string Field, PathPattern Pattern)[][] Entries)[] _roles;

    /// <exception cref="FormatException">A field is not known, or a pattern is malformed; the message names the guard.</exception>
    internal CertificateGuard(X509Guard rules, ILogger logger)
    {
        (_rules, _logger) = (rules, logger);
        try
        {
            CertificateFields.Checked(rules.Identity);
            foreach (var field in rules.Attributes.Values)
            {
                CertificateFields.Checked(field);
            }

            _roles = [.. rules.Roles.Select(role => (role.Key, role.Value.Select(Compile).ToArray()))];
        }
        catch (FormatException e)
        {
            throw new FormatException($"{rules.Name}: {e.Message}", e);
        }
    }

    /// <summary>Null: it cannot be read. Of fields with several values, the first counts as identity and attribute, and any for a role.</summary>
    public Grant? Judge(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            return Grant(new CertificateFields(certificate));
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            EdgeTelemetry.CredentialsRefused.Add(1);
            GuardLog.CertificateRefused(_logger, _rules.Name, Refusal.Malformed);
            return null;
        }
    }

    private Grant Grant(CertificateFields fields)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (attribute, field) in _rules.Attributes)
        {
            if (fields.Values(field).FirstOrDefault() is { } value)
            {
                attributes[attribute] = value;
            }
        }

        return new Grant(_rules.Name, fields.Values(_rules.Identity).FirstOrDefault())
        {
            Roles = _roles.Where(role => role.Entries.Any(entry => entry.All(condition => fields.Values(condition.Field).Any(condition.Pattern.IsMatch))))
                .Select(role => role.Role).ToHashSet(StringComparer.Ordinal),
            Attributes = attributes,
        };
    }

    private static (string Field, PathPattern Pattern)[] Compile(IReadOnlyDictionary<string, string> entry) =>
        [.. entry.Select(condition => (CertificateFields.Checked(condition.Key), PathPattern.Compile(condition.Value)))];
}
