using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Zilla.Edge.Guards.X509;

/// <summary>The other names of a certificate (RFC 5280 §4.2.1.6).</summary>
internal sealed class AlternativeNames
{
    private const string Extension = "2.5.29.17";
    private const int Mail = 1, Dns = 2, Uri = 6, Ip = 7;

    private readonly List<(string Kind, string Value)> _names = [];

    /// <exception cref="AsnContentException">They are malformed.</exception>
    public AlternativeNames(X509Certificate2 certificate)
    {
        if (certificate.Extensions[Extension] is not { } extension)
        {
            return;
        }

        var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            switch (tag.TagClass == TagClass.ContextSpecific ? tag.TagValue : -1)
            {
                case Mail:
                    _names.Add(("email", names.ReadCharacterString(UniversalTagNumber.IA5String, tag)));
                    break;
                case Dns:
                    _names.Add(("dns", names.ReadCharacterString(UniversalTagNumber.IA5String, tag)));
                    break;
                case Uri:
                    _names.Add(("uri", names.ReadCharacterString(UniversalTagNumber.IA5String, tag)));
                    break;
                case Ip when names.ReadOctetString(tag) is { Length: 4 or 16 } address:
                    _names.Add(("ip", new IPAddress(address).ToString()));
                    break;
                case Ip:
                    break;
                default:
                    names.ReadEncodedValue();
                    break;
            }
        }
    }

    public static IEnumerable<string> Known => ["dns", "email", "ip", "uri"];

    public IEnumerable<string> Values(string kind) => _names.Where(name => name.Kind == kind).Select(name => name.Value);
}
