using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Zilla.Edge.Tests.Guards;

/// <summary>An issuer of tokens with an RSA key <c>rsa</c> and an EC key <c>ec</c>; tokens are put together here, byte by byte.</summary>
internal sealed class TestIssuer
{
    public const string Issuer = "https://auth.example";
    public const string Audience = "https://api.example";

    public static DateTimeOffset Now { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public RSA Rsa { get; } = RSA.Create(2048);
    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>A JWK set of both public keys.</summary>
    public string Keys => new JsonObject { ["keys"] = new JsonArray(RsaKey(), EcKey()) }.ToJsonString();

    public JsonObject RsaKey(string id = "rsa") => new()
    {
        ["kty"] = "RSA",
        ["kid"] = id,
        ["alg"] = "RS256",
        ["use"] = "sig",
        ["n"] = Base64Url.EncodeToString(Rsa.ExportParameters(false).Modulus),
        ["e"] = Base64Url.EncodeToString(Rsa.ExportParameters(false).Exponent),
    };

    /// <summary>Without <c>alg</c>, as many issuers publish theirs.</summary>
    public JsonObject EcKey(string id = "ec") => new()
    {
        ["kty"] = "EC",
        ["kid"] = id,
        ["crv"] = "P-256",
        ["x"] = Base64Url.EncodeToString(Ec.ExportParameters(false).Q.X),
        ["y"] = Base64Url.EncodeToString(Ec.ExportParameters(false).Q.Y),
    };

    /// <summary>Good claims: alice, for an hour; <paramref name="more"/> is JSON members that come on top or in place of them.</summary>
    public static string Claims(string more = "{}", DateTimeOffset? now = null)
    {
        var at = (now ?? Now).ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = Issuer, ["aud"] = Audience, ["sub"] = "alice", ["scope"] = "read write", ["nbf"] = at, ["exp"] = at + 3600 };
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject())
        {
            claims[name] = value?.DeepClone();
        }

        return claims.ToJsonString();
    }

    public string Token(string claims, string algorithm = "RS256", string? kid = null, string header = "{}")
    {
        var head = JsonNode.Parse(header)!.AsObject();
        head["alg"] = algorithm;
        head["kid"] = kid ?? (algorithm.StartsWith("ES", StringComparison.Ordinal) ? "ec" : "rsa");
        return Sign($"{Encode(head.ToJsonString())}.{Encode(claims)}", algorithm);
    }

    /// <summary>A token for alice that is good at <paramref name="now"/>.</summary>
    public string Token(DateTimeOffset now, string more = "{}") => Token(Claims(more, now));

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private string Sign(string signed, string algorithm)
    {
        var bytes = Encoding.ASCII.GetBytes(signed);
        byte[] signature = algorithm switch
        {
            "RS256" => Rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "RS512" => Rsa.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            "ES256" => Ec.SignData(bytes, HashAlgorithmName.SHA256),
            // The classic confusion: the public key as the secret of a symmetric algorithm.
            "HS256" => HMACSHA256.HashData(Rsa.ExportSubjectPublicKeyInfo(), bytes),
            _ => [],
        };
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}
