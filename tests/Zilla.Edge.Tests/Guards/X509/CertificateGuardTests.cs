using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Zilla.Config.Guards;
using Zilla.Edge.Guards;
using Zilla.Edge.Guards.X509;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Guards.X509;

public sealed class CertificateGuardTests
{
    private readonly CapturedLog _log = new();

    [Theory]
    [InlineData("CN=alice", "CN=alice")]
    [InlineData("C=SE, O=Example, OU=Sales, CN=alice", "CN=alice,OU=Sales,O=Example,C=SE")]
    [InlineData("O=\"Example, CN=root\", CN=alice", "CN=alice,O=Example\\, CN=root")]
    [InlineData("CN=\" #a+b<c>;\"", "CN=\\ #a\\+b\\<c\\>\\;")]
    public void Identity_OfTheSubject_AsRfc2253WritesIt(string subject, string identity) =>
        Assert.Equal(identity, Judge(new X509Guard { Name = "x" }, Certificate(subject)).Identity);

    [Fact]
    public void Identity_AttributeWithoutKeyword_ByItsNumberWithItsEncodedValue() =>
        Assert.Equal("1.2.840.113549.1.9.1=#1603614062,CN=alice", Judge(new X509Guard { Name = "x" }, Certificate("CN=alice, E=a@b")).Identity);

    [Theory]
    [InlineData("subject.cn", "alice")]
    [InlineData("subject.ou", "Sales")]
    [InlineData("subject.email", "a@b.example")]
    [InlineData("issuer.cn", "ca")]
    [InlineData("issuer.dn", "CN=ca,O=Authority")]
    [InlineData("san.dns", "alice.example")]
    [InlineData("san.uri", "spiffe://example/alice")]
    [InlineData("san.email", "alice@example.com")]
    [InlineData("san.ip", "10.0.0.1")]
    [InlineData("serial", "0A0B")]
    [InlineData("subject.st", null)]
    public void Attribute_OfAField_ItsFirstValue(string field, string? value)
    {
        var grant = Judge(new X509Guard { Name = "x", Identity = field, Attributes = new Dictionary<string, string> { ["a"] = field } }, Alice());

        Assert.Equal((value, value), (grant.Identity, grant.Attributes.GetValueOrDefault("a")));
    }

    [Fact]
    public void Roles_AnyEntryAllOfWhoseFieldsMatch()
    {
        var guard = new X509Guard
        {
            Name = "x",
            Roles = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>
            {
                ["both"] = [Entry(("subject.ou", "Sales"), ("issuer.cn", "ca"))],
                ["half"] = [Entry(("subject.ou", "Sales"), ("issuer.cn", "other"))],
                ["second"] = [Entry(("subject.ou", "Other")), Entry(("san.dns", "*.internal.example"))],
                ["case"] = [Entry(("subject.ou", "sales"))],
                ["absent"] = [Entry(("subject.st", "*"))],
            },
        };

        Assert.Equal(["both", "second"], Judge(guard, Alice()).Roles.Order());
    }

    [Theory]
    [InlineData("subject.name")]
    [InlineData("cn")]
    [InlineData("san")]
    public void Field_ThatIsNone_Refused(string field)
    {
        Assert.StartsWith($"x: '{field}' is no field", Assert.Throws<FormatException>(() => new CertificateGuard(new X509Guard { Name = "x", Identity = field }, _log)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => new CertificateGuard(
            new X509Guard { Name = "x", Roles = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> { ["r"] = [Entry((field, "*"))] } }, _log));
    }

    [Fact]
    public void AlternativeNames_ThatAreNoNames_NothingGranted()
    {
        using var certificate = Certificate("CN=alice", new X509Extension("2.5.29.17", [0x30, 0x05, 0x82, 0x10, 0x61], false));

        Assert.Null(new CertificateGuard(new X509Guard { Name = "x" }, _log).Judge(certificate));
        Assert.Equal("Information Guard x refuses credentials: Malformed", Assert.Single(_log.Lines));
    }

    private static IReadOnlyDictionary<string, string> Entry(params (string Field, string Pattern)[] conditions) => conditions.ToDictionary(c => c.Field, c => c.Pattern);

    private Grant Judge(X509Guard guard, X509Certificate2 certificate) => new CertificateGuard(guard, _log).Judge(certificate)!;

    private static X509Certificate2 Alice()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("alice.example");
        names.AddDnsName("a.internal.example");
        names.AddUri(new Uri("spiffe://example/alice"));
        names.AddEmailAddress("alice@example.com");
        names.AddIpAddress(IPAddress.Parse("10.0.0.1"));
        names.AddUserPrincipalName("alice@upn");
        return Certificate("E=a@b.example, OU=Sales, CN=alice", names.Build());
    }

    private static X509Certificate2 Certificate(string subject, params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(subject, X500DistinguishedNameFlags.None), key, HashAlgorithmName.SHA256);
        foreach (var extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        var issuer = new X500DistinguishedName("O=Authority, CN=ca", X500DistinguishedNameFlags.None);
        return request.Create(issuer, X509SignatureGenerator.CreateForECDsa(key), TestIssuer.Now, TestIssuer.Now.AddDays(1), [0x0A, 0x0B]);
    }
}
