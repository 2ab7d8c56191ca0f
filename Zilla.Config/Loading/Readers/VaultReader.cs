using Zilla.Config.Vaults;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §3.2. Whether a store is there and its password opens it is for the service that uses it to find out.</summary>
internal static class VaultReader
{
    private const string Filesystem = "filesystem";

    /// <summary>Null if the vault is of another type: nothing of it has been read then.</summary>
    public static FilesystemVault? Read(string name, MappingReader body, ConfigurationSource source)
    {
        if (body.Take("type") is not { } type || body.AsText(type, body.Path / "type") != Filesystem)
        {
            return null;
        }

        var options = body.Mapping("options");
        options?.NotYet("revocation", "secrets");
        var vault = new FilesystemVault
        {
            Name = name,
            Keys = Store(options, "keys", source),
            Trust = Store(options, "trust", source),
            Signers = Store(options, "signers", source),
        };
        options?.Finish();
        body.Finish();
        return vault;
    }

    private static VaultStore? Store(MappingReader? options, string key, ConfigurationSource source)
    {
        if (options?.Mapping(key) is not { } store)
        {
            return null;
        }

        if (store.Text("type") is { } type && !string.Equals(type, "pkcs12", StringComparison.OrdinalIgnoreCase))
        {
            store.Findings.Report(store.Path / "type", $"only stores of type pkcs12 are supported, found {store.Take("type")!.Describe}");
        }

        var read = new VaultStore { Path = RelativePath.Read(store, "store", source), Password = store.Secret("password"), Entries = store.Texts("entries") };
        store.Finish();
        return read;
    }
}
