namespace Zilla.Config.Vaults;

/// <summary>Reference §3.2: a vault of type filesystem. The stores are read by who uses them, not by who reads the configuration.</summary>
public sealed record FilesystemVault
{
    public required string Name { get; init; }

    /// <summary>Private keys with their certificates.</summary>
    public VaultStore? Keys { get; init; }

    /// <summary>Certificates to trust.</summary>
    public VaultStore? Trust { get; init; }

    /// <summary>Certificates whose issued keys are used.</summary>
    public VaultStore? Signers { get; init; }
}

/// <summary>A PKCS#12 file (RFC 7292).</summary>
public sealed record VaultStore
{
    /// <summary>Absolute; the loader resolves what the file says against the file's own folder.</summary>
    public required string Path { get; init; }

    public string? Password { get; init; }

    /// <summary>The only aliases that count; empty = all.</summary>
    public IReadOnlyList<string> Entries { get; init; } = [];

    /// <summary>Never the password.</summary>
    public override string ToString() => Path;
}
