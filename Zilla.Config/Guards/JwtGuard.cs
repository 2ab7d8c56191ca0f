namespace Zilla.Config.Guards;

/// <summary>Reference §3.1: lets tokens pass that one of the keys has signed. Either <see cref="KeysUrl"/> is set or <see cref="Keys"/> has any.</summary>
public sealed record JwtGuard : GuardConfig
{
    /// <summary>What <c>iss</c> has to be; null = anything.</summary>
    public string? Issuer { get; init; }

    /// <summary>What <c>aud</c> has to be, or to hold; null = anything.</summary>
    public string? Audience { get; init; }

    /// <summary>Where the keys are, as a JWK set; by default <c>&lt;issuer&gt;/.well-known/jwks.json</c>.</summary>
    public Uri? KeysUrl { get; init; }

    public IReadOnlyList<JwtKey> Keys { get; init; } = [];

    /// <summary>How long before its token expires a client is asked for another; null = it is not asked.</summary>
    public TimeSpan? Challenge { get; init; }

    /// <summary>Path of the claim, dots between its steps, that holds the roles: a list, or one text with spaces between them.</summary>
    public string Roles { get; init; } = "scope";

    /// <summary>Path of the claim that says who the client is.</summary>
    public string Identity { get; init; } = "sub";

    /// <summary>Name of an attribute → path of its claim.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();
}

/// <summary>A public key (RFC 7517, RFC 7518 §6). What else a key set says of it does not matter.</summary>
public sealed record JwtKey
{
    public required string Kid { get; init; }

    /// <summary>"RSA" with <see cref="N"/> and <see cref="E"/>, or "EC" with <see cref="Crv"/>, <see cref="X"/> and <see cref="Y"/>.</summary>
    public required string Kty { get; init; }

    /// <summary>The only algorithm to accept, such as "RS256"; null = what the token names and the key can.</summary>
    public string? Alg { get; init; }

    public string? Use { get; init; }

    /// <summary>Modulus; base64url, as the members below.</summary>
    public string? N { get; init; }

    /// <summary>Exponent.</summary>
    public string? E { get; init; }

    /// <summary>"P-256", "P-384" or "P-521".</summary>
    public string? Crv { get; init; }

    public string? X { get; init; }
    public string? Y { get; init; }
}
