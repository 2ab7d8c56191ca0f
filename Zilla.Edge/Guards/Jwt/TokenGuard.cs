using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Zilla.Config.Guards;

namespace Zilla.Edge.Guards.Jwt;

/// <summary>
/// Accepts signed JSON Web Tokens (RFC 7519, RFC 7515) as reference §3.1 says: the key that the token names exists and is for the token's
/// algorithm, it has signed the token, the time is right, issuer and audience both match. Judged in this order; the first that fails is the reason.
/// </summary>
/// <param name="rules">What the configuration says.</param>
/// <param name="keys">Where the keys are that it names.</param>
/// <param name="skew">By how much the issuer's clock may differ.</param>
/// <param name="time">Our clock.</param>
/// <param name="logger">Gets every refusal.</param>
internal sealed class TokenGuard(JwtGuard rules, IKeySource keys, TimeSpan skew, TimeProvider time, ILogger logger) : ICredentialGuard
{
    public async ValueTask<Verdict> JudgeAsync(string credentials, CancellationToken cancellationToken)
    {
        var verdict = await VerifyAsync(credentials, cancellationToken);
        if (verdict.Grant is null)
        {
            EdgeTelemetry.CredentialsRefused.Add(1);
            GuardLog.Refused(logger, rules.Name, verdict.Refusal);
        }

        return verdict;
    }

    private async ValueTask<Verdict> VerifyAsync(string credentials, CancellationToken cancellationToken)
    {
        if (Read(credentials) is not { } token)
        {
            return Refusal.Malformed;
        }

        if (string.IsNullOrEmpty(token.Alg) || token.Alg == SecurityAlgorithms.None)
        {
            return Refusal.Algorithm;
        }

        if (string.IsNullOrEmpty(token.Kid))
        {
            return Refusal.UnknownKey;
        }

        if (await keys.GetAsync(token.Kid, cancellationToken) is not { } held)
        {
            return Refusal.KeysUnavailable;
        }

        var named = held.Find(token.Kid).ToList();
        if (named.Find(key => key.Takes(token.Alg)) is not { } key)
        {
            return named.Count > 0 ? Refusal.Algorithm : Refusal.UnknownKey;
        }

        return await key.HasSignedAsync(token) ? Judge(token) : Refusal.Signature;
    }

    /// <summary>Null: not a signed token in its compact form, or one with extensions that must be understood (RFC 7515 §4.1.11).</summary>
    private static JsonWebToken? Read(string credentials)
    {
        try
        {
            var token = new JsonWebToken(credentials);
            return token.IsEncrypted || token.TryGetHeaderValue<object>("crit", out _) ? null : token;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or FormatException or JsonException)
        {
            return null;
        }
    }

    private Verdict Judge(JsonWebToken token)
    {
        using var payload = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        var claims = new Claims(payload.RootElement);
        if (!claims.TryTime("exp", out var expires) || !claims.TryTime("nbf", out var starts))
        {
            return Refusal.Malformed;
        }

        var now = time.GetUtcNow();
        return now >= expires + skew ? Refusal.Expired
            : now < starts - skew ? Refusal.NotYetValid
            : rules.Issuer is { } issuer && claims.Text("iss") != issuer ? Refusal.Issuer
            : rules.Audience is { } audience && !claims.Holds("aud", audience) ? Refusal.Audience
            : Grant(claims, expires);
    }

    private Grant Grant(Claims claims, DateTimeOffset? expires)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (attribute, path) in rules.Attributes)
        {
            if (claims.Text(path) is { } value)
            {
                attributes[attribute] = value;
            }
        }

        var identity = claims.Text(rules.Identity);
        return new Grant(rules.Name, identity)
        {
            Roles = claims.Words(rules.Roles),
            Attributes = attributes,
            Expires = expires + skew,

            // Nobody else could take the place of a client that is not known by name.
            Challenge = identity is null ? null : expires - rules.Challenge,
        };
    }
}
