using System.Security.Cryptography;
using System.Text;

namespace Zilla.Control.Exchange;

/// <summary><c>Zilla:ConfigToken</c>: who sends it may put configurations and see the secrets in them.</summary>
internal sealed class ConfigToken(ControlOptions options)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _digest = options.Token is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    public bool IsSet => _digest is not null;

    public bool Accepts(HttpRequest request)
    {
        var sent = request.Headers.Authorization.ToString();
        return _digest is not null
            && sent.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(_digest, SHA256.HashData(Encoding.UTF8.GetBytes(sent[Scheme.Length..].Trim())));
    }
}
