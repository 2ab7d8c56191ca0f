namespace Zilla.Config.Vaults;

public static class VaultStamps
{
    /// <summary>A text that differs once a store of these vaults has been written anew: stores are looked at again then.</summary>
    public static string Stamp(this IEnumerable<FilesystemVault> vaults) => string.Join('|', vaults
        .SelectMany(vault => new[] { vault.Keys, vault.Trust, vault.Signers })
        .OfType<VaultStore>()
        .Select(store => new FileInfo(store.Path))
        .Select(file => file.Exists ? FormattableString.Invariant($"{file.LastWriteTimeUtc.Ticks} {file.Length}") : "none"));
}
