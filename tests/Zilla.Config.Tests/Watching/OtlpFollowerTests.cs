using Microsoft.Extensions.DependencyInjection;
using Zilla.Config.Telemetry;
using Zilla.Config.Vaults;
using Zilla.Config.Watching;
using Zilla.Testing;

namespace Zilla.Config.Tests.Watching;

public sealed class OtlpFollowerTests
{
    private readonly List<string> _told = [];

    [Fact]
    public void Follow_TellsTheCollectorsOfEachPlan_AndThatThereAreNone()
    {
        using var provider = new ServiceCollection().AddSingleton(this).AddOtlpFollower<OtlpFollowerTests>((self, collectors) =>
            self._told.Add(string.Join(" ", collectors.Select(to => $"{to.Metrics?.Host ?? "-"}/{to.Logs?.Host ?? "-"}/{to.Interval.TotalSeconds}/{to.Authorization}/{to.Attributes["a"]}")))).BuildServiceProvider();
        var follower = provider.GetRequiredService<IPlanFollower>();
        OtlpExporter exporter = new() { Name = "o", MetricsUrl = new("http://m"), LogsUrl = new("http://l"), Logs = false, Authorization = "secret" };

        follower.Follow(new() { Revision = 1, Namespace = "tests", Otlp = new() { Attributes = new Dictionary<string, string> { ["a"] = "b" }, Exporters = [exporter] } });
        follower.Follow(new() { Revision = 2, Namespace = "tests" });

        Assert.Equal(["m/-/30/secret/b", ""], _told);
    }

    [Fact]
    public void Follow_Tls_IsReadFromTheVault_ACollectorWhoseStoreCannotBeIsLeftOut()
    {
        var folder = Directory.CreateTempSubdirectory("otlp-");
        var (authority, store) = (new TestAuthority("collectors"), Path.Combine(folder.FullName, "trust.p12"));
        TestAuthority.Store(store, "pass-word", ("ca", authority.Public));
        using var provider = new ServiceCollection().AddSingleton(this).AddOtlpFollower<OtlpFollowerTests>((self, collectors) =>
            self._told.AddRange(collectors.Select(to => $"{to.Metrics!.Host} {to.Tls?.Options.CertificateChainPolicy!.CustomTrustStore.Single().Subject}"))).BuildServiceProvider();
        OtlpExporter Exporter(string host, string? vault) => new()
        {
            Name = host,
            MetricsUrl = new($"https://{host}"),
            LogsUrl = new($"https://{host}"),
            Vault = vault,
            Tls = vault is null ? null : new ClientTls { Trust = ["ca"] },
        };

        provider.GetRequiredService<IPlanFollower>().Follow(new()
        {
            Revision = 1,
            Namespace = "tests",
            Otlp = new()
            {
                Exporters = [Exporter("a", "here"), Exporter("b", "gone"), Exporter("c", null)],
                Vaults = [new FilesystemVault { Name = "here", Trust = new() { Path = store, Password = "pass-word" } }, new FilesystemVault { Name = "gone", Trust = new() { Path = store + "x" } }],
            },
        });

        Assert.Equal(["a CN=collectors", "c "], _told);
        folder.Delete(recursive: true);
    }
}
