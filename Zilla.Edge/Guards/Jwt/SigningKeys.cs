using Microsoft.IdentityModel.Tokens;
using Zilla.Config.Guards;

namespace Zilla.Edge.Guards.Jwt;

/// <summary>Keys by their id.</summary>
internal sealed class SigningKeys
{
    private readonly ILookup<string, SigningKey> _keys;

    private SigningKeys(IReadOnlyList<SigningKey> keys)
    {
        _keys = keys.ToLookup(key => key.Id, StringComparer.Ordinal);
        Count = keys.Count;
    }

    public int Count { get; }

    /// <exception cref="FormatException">One of the keys cannot be used; the message names it.</exception>
    public static SigningKeys OfConfiguration(IEnumerable<JwtKey> keys) =>
        new([.. keys.Select(key => SigningKey.Create(WebKey(key)) ?? throw new FormatException($"the key '{key.Kid}' is no RSA or EC key to verify signatures with"))]);

    /// <summary>Reads a JWK Set (RFC 7517 §5); keys that cannot be used are left out.</summary>
    /// <exception cref="FormatException">It is none, or holds no key that can be used.</exception>
    public static SigningKeys Parse(string json)
    {
        try
        {
            var keys = new JsonWebKeySet(json).Keys.Select(Usable).OfType<SigningKey>().ToList();
            return keys.Count > 0 ? new(keys) : throw new FormatException("there is no RSA or EC key with an id in it");
        }
        catch (Exception e) when (e is not FormatException)
        {
            throw new FormatException("this is no JWK set", e);
        }
    }

    /// <summary>Ids should be unique; where they are not, the algorithm decides.</summary>
    public IEnumerable<SigningKey> Find(string id) => _keys[id];

    private static JsonWebKey WebKey(JwtKey key) =>
        new() { Kty = key.Kty, Kid = key.Kid, Alg = key.Alg, Use = key.Use, N = key.N, E = key.E, Crv = key.Crv, X = key.X, Y = key.Y };

    private static SigningKey? Usable(JsonWebKey key)
    {
        try
        {
            return SigningKey.Create(key);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
