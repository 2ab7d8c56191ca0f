using System.Security.Cryptography;
using System.Text;

namespace Zilla.ServiceDefaults.Channel;

/// <summary>Compares what a call carries with the keys that count; how long that takes says nothing about them.</summary>
internal sealed class ChannelKeys(ChannelOptions options)
{
    private const string Scheme = "Bearer ";

    private readonly byte[][] _digests = [.. options.Keys.Select(Digest)];

    /// <summary>Whether calls need one.</summary>
    public bool AreSet => _digests.Length > 0;

    /// <summary>What calls to other services carry; null = nothing.</summary>
    public string? Authorization { get; } = options.Keys is [var first, ..] ? Scheme + first : null;

    /// <param name="authorization">The field's value; empty = it was not sent.</param>
    public bool Accept(string authorization)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var sent = Digest(authorization[Scheme.Length..].Trim());
        var accepted = false;
        foreach (var digest in _digests)
        {
            accepted |= CryptographicOperations.FixedTimeEquals(digest, sent);
        }

        return accepted;
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
