using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Zilla.Edge.Guards.Jwt;

/// <summary>A public key of an issuer (RFC 7517).</summary>
internal sealed class SigningKey
{
    private static readonly JsonWebTokenHandler Handler = new();
    private static readonly string[] OfRsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    private readonly JsonWebKey _key;
    private readonly IReadOnlyList<string> _algorithms;

    private SigningKey(JsonWebKey key, IReadOnlyList<string> algorithms) => (_key, _algorithms) = (key, algorithms);

    public string Id => _key.Kid;

    /// <summary>Null: a key that tokens are not signed with, or of another kind than RSA and elliptic curves.</summary>
    /// <exception cref="FormatException">It should be one, but its parameters make no key.</exception>
    public static SigningKey? Create(JsonWebKey key)
    {
        IReadOnlyList<string> algorithms = key.Kty switch
        {
            "RSA" => OfRsa,
            "EC" => key.Crv switch { "P-256" => ["ES256"], "P-384" => ["ES384"], "P-521" => ["ES512"], _ => [] },
            _ => [],
        };
        if (!string.IsNullOrEmpty(key.Alg))
        {
            algorithms = algorithms.Contains(key.Alg) ? [key.Alg] : [];
        }

        if (algorithms.Count == 0 || string.IsNullOrEmpty(key.Kid) || key.Use is { Length: > 0 } and not "sig")
        {
            return null;
        }

        try
        {
            return JsonWebKeyConverter.TryConvertToSecurityKey(key, out _) ? new SigningKey(key, algorithms) : throw new FormatException($"the key '{key.Kid}' lacks parameters");
        }
        catch (Exception e) when (e is not FormatException { InnerException: null })
        {
            throw new FormatException($"the key '{key.Kid}' is malformed", e);
        }
    }

    /// <summary>Whether it may be used with an algorithm: its own <c>alg</c>, or without one any of its kind. Never with a symmetric one.</summary>
    public bool Takes(string algorithm) => _algorithms.Contains(algorithm);

    /// <summary>Whether it has signed the token. Claims are not looked at.</summary>
    public async ValueTask<bool> HasSignedAsync(JsonWebToken token)
    {
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = _key,
            ValidAlgorithms = [token.Alg],
            TryAllIssuerSigningKeys = false,
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
            RequireExpirationTime = false,
            ValidTypes = null,
        });
        return result.IsValid;
    }
}
