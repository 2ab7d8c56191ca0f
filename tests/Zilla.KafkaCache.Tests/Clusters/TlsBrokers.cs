using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Clusters;

/// <summary>Two brokers over TLS, one of which wants clients' certificates, and the stores that clients of theirs need.</summary>
public sealed class TlsBrokers : IAsyncLifetime
{
    public const string Password = "pass-word";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kafka-tls-");
    private KafkaBroker _open = null!;
    private KafkaBroker _mutual = null!;

    internal TestAuthority Brokers { get; } = new("brokers");
    internal TestAuthority Clients { get; } = new("clients");

    /// <summary>Its certificate is for 127.0.0.1, and it listens on all of 127.0.0.0/8.</summary>
    public string Open => _open.BootstrapServers.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);

    public string Mutual => _mutual.BootstrapServers;

    internal string KeysPath => Path.Combine(_folder.FullName, "keys.p12");
    internal string TrustPath => Path.Combine(_folder.FullName, "trust.p12");

    public async Task InitializeAsync()
    {
        var (store, clients) = (Path.Combine(_folder.FullName, "broker.p12"), Path.Combine(_folder.FullName, "clients.pem"));
        TestAuthority.Store(store, Password, ("broker", Brokers.Issue("127.0.0.1")));
        TestAuthority.Store(TrustPath, Password, ("brokers", Brokers.Public), ("others", new TestAuthority("brokers").Public));
        await File.WriteAllTextAsync(clients, Clients.Certificate.ExportCertificatePem());
        WriteKeys(KeysPath);
        string[] tls = ["--tls-store", store, "--tls-password", Password];
        _open = await KafkaBroker.StartDevKafkaAsync(["--host", "0.0.0.0", "--advertised-host", "127.0.0.1", .. tls]);
        _mutual = await KafkaBroker.StartDevKafkaAsync(["--tls-trust", clients, .. tls]);
    }

    /// <summary><c>client</c> with its issuer, which an authority of the brokers' has issued; <c>foreign</c>, which nobody knows.</summary>
    internal void WriteKeys(string path, bool swapped = false)
    {
        var issuer = new TestAuthority("issuer", Clients);
        var (client, foreign) = (issuer.Issue("client"), new TestAuthority("issuer").Issue("foreign"));
        TestAuthority.Store(path, Password, ("client", swapped ? foreign : client), ("foreign", swapped ? client : foreign), ("issuer", issuer.Public));
    }

    internal static ClusterPlan Plan(string servers, TlsClientBinding tls, FilesystemVault? vault = null) =>
        new() { Name = CacheReplica.ClusterName, Servers = [servers], Tls = new() { Binding = tls with { Vault = vault?.Name }, Vault = vault } };

    internal FilesystemVault Vault(string? keys = null) => new()
    {
        Name = "vault",
        Keys = new() { Path = keys ?? KeysPath, Password = Password },
        Trust = new() { Path = TrustPath, Password = Password },
    };

    /// <summary>A path in the folder that is removed at the end.</summary>
    internal string FilePath(string name) => Path.Combine(_folder.FullName, name);

    public async Task DisposeAsync()
    {
        await _open.DisposeAsync();
        await _mutual.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
