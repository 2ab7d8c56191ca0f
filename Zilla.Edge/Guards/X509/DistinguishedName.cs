using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Zilla.Edge.Guards.X509;

/// <summary>A name of a certificate, read into its attributes.</summary>
internal sealed class DistinguishedName
{
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.Ordinal)
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.5"] = "SERIALNUMBER",
        ["2.5.4.6"] = "C",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.9"] = "STREET",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["0.9.2342.19200300.100.1.1"] = "UID",
        ["0.9.2342.19200300.100.1.25"] = "DC",
        ["1.2.840.113549.1.9.1"] = "EMAIL",
    };

    /// <summary>Those that RFC 2253 writes by a keyword; others stand there by their number, with their encoded value.</summary>
    private static readonly HashSet<string> Written = ["CN", "L", "ST", "O", "OU", "C", "STREET", "DC", "UID"];

    private readonly List<(string Keyword, string Value)> _attributes = [];

    /// <exception cref="AsnContentException">It is malformed.</exception>
    public DistinguishedName(X500DistinguishedName name)
    {
        var parts = new List<string>();
        var rest = new AsnReader(name.RawData, AsnEncodingRules.DER).ReadSequence();
        while (rest.HasData)
        {
            var set = rest.ReadSetOf(skipSortOrderValidation: true);
            var part = new List<string>();
            while (set.HasData)
            {
                part.Add(Read(set.ReadSequence()));
            }

            parts.Add(string.Join('+', part));
        }

        parts.Reverse();
        Text = string.Join(',', parts);
    }

    /// <summary>The attributes that <see cref="Values"/> knows, lower-case.</summary>
    public static IEnumerable<string> Known => Keywords.Values.Select(keyword => keyword.ToLowerInvariant());

    /// <summary>As RFC 2253 writes it, which is how Zilla does: <c>CN=alice,OU=Sales,O=Example</c>.</summary>
    public string Text { get; }

    public IEnumerable<string> Values(string keyword) =>
        _attributes.Where(attribute => attribute.Keyword.Equals(keyword, StringComparison.OrdinalIgnoreCase)).Select(attribute => attribute.Value);

    private string Read(AsnReader attribute)
    {
        var type = attribute.ReadObjectIdentifier();
        var encoded = attribute.PeekEncodedValue();
        var keyword = Keywords.GetValueOrDefault(type);
        var value = ReadText(attribute);
        if (keyword is not null && value is not null)
        {
            _attributes.Add((keyword, value));
        }

        return keyword is not null && value is not null && Written.Contains(keyword) ? $"{keyword}={Escape(value)}" : $"{type}=#{Convert.ToHexStringLower(encoded.Span)}";
    }

    private static string? ReadText(AsnReader attribute)
    {
        var tag = attribute.PeekTag();
        return tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue is var type && type is UniversalTagNumber.UTF8String
            or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.BMPString or UniversalTagNumber.T61String or UniversalTagNumber.NumericString
            ? attribute.ReadCharacterString(type)
            : null;
    }

    /// <summary>So that no value reads like a further attribute (RFC 2253 §2.4).</summary>
    private static string Escape(string value)
    {
        var text = new StringBuilder();
        for (var at = 0; at < value.Length; at++)
        {
            var c = value[at];
            if (c is ',' or '+' or '"' or '\\' or '<' or '>' or ';' || (at == 0 && c is '#' or ' ') || (at == value.Length - 1 && c == ' '))
            {
                text.Append('\\');
            }

            text.Append(c);
        }

        return text.ToString();
    }
}
