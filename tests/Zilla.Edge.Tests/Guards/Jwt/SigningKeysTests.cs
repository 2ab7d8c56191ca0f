using System.Buffers.Text;
using Zilla.Config.Guards;
using Zilla.Edge.Guards.Jwt;

namespace Zilla.Edge.Tests.Guards.Jwt;

public sealed class SigningKeysTests
{
    private static readonly TestIssuer Issuer = new();

    [Fact]
    public void OfConfiguration_GoodKeys_HeldById()
    {
        var (rsa, ec) = (Issuer.Rsa.ExportParameters(false), Issuer.Ec.ExportParameters(false).Q);

        var keys = SigningKeys.OfConfiguration(
        [
            new JwtKey { Kid = "a", Kty = "RSA", Alg = "RS256", N = Base64Url.EncodeToString(rsa.Modulus), E = Base64Url.EncodeToString(rsa.Exponent) },
            new JwtKey { Kid = "b", Kty = "EC", Crv = "P-256", X = Base64Url.EncodeToString(ec.X), Y = Base64Url.EncodeToString(ec.Y) },
        ]);

        Assert.Equal((true, false), (keys.Find("a").Single().Takes("RS256"), keys.Find("a").Single().Takes("RS512")));
        Assert.Equal((true, false), (keys.Find("b").Single().Takes("ES256"), keys.Find("b").Single().Takes("ES384")));
        Assert.Empty(keys.Find("c"));
    }

    [Theory]
    [InlineData("RSA", null, "RS256", "enc", "AQAB")]
    [InlineData("RSA", null, "HS256", null, "AQAB")]
    [InlineData("RSA", null, "ES256", null, "AQAB")]
    [InlineData("EC", "P-256", null, null, "AQAB")] // no point of the curve
    [InlineData("EC", "P-256", "ES384", null, "AQAB")]
    [InlineData("EC", "secp256k1", null, null, "AQAB")]
    public void OfConfiguration_KeyThatCannotVerify_Refused(string kty, string? crv, string? alg, string? use, string number)
    {
        var key = new JwtKey { Kid = "bad", Kty = kty, Crv = crv, Alg = alg, Use = use, N = number, E = "AQAB", X = number, Y = number };

        Assert.Contains("'bad'", Assert.Throws<FormatException>(() => SigningKeys.OfConfiguration([key])).Message, StringComparison.Ordinal);
    }
}
