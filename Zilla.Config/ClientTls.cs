namespace Zilla.Config;

/// <summary><c>options.tls</c> of what Zilla asks over https itself: catalogs and exporters (reference §3.3, §3.6). Aliases are of the vault named beside it.</summary>
public sealed record ClientTls
{
    public IReadOnlyList<string> Keys { get; init; } = [];
    public IReadOnlyList<string> Trust { get; init; } = [];

    /// <summary>By default true if <see cref="Trust"/> is empty.</summary>
    public bool TrustCaCerts { get; init; }
}
