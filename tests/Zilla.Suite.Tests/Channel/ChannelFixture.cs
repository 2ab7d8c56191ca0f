using System.Security.Cryptography.X509Certificates;
using Confluent.Kafka.Admin;
using Zilla.Suite.Tests.Faults;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Channel;

/// <summary>A quickstart whose services know each other by certificates and by a key.</summary>
public sealed class ChannelFixture : IAsyncLifetime
{
    internal const string Key = "a-key-for-these-tests-alone";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("zilla-channel-");

    internal TestAuthority Authority { get; } = new("Suite");
    internal ServiceSuite Suite { get; private set; } = null!;

    /// <summary>What every service of the suite is told.</summary>
    internal Dictionary<string, string?> Settings { get; private set; } = [];

    public async Task InitializeAsync()
    {
        using var service = Authority.Issue("127.0.0.1");
        Settings = new()
        {
            ["Zilla__Channel__KeyFile"] = Write("key", Key + "\n"),
            ["Zilla__Channel__AuthorityFile"] = Write("ca.pem", Authority.Certificate.ExportCertificatePem()),
            ["Zilla__Channel__CertificateFile"] = Write("service.pem", service.ExportCertificatePem()),
            ["Zilla__Channel__CertificateKeyFile"] = Write("service.key", service.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };
        Suite = await ServiceSuite.StartAsync("quickstart", new Dictionary<string, TopicSpecification>
        {
            ["items-snapshots"] = new() { Name = KafkaBroker.Topic("channel"), NumPartitions = 1, ReplicationFactor = 1, Configs = new() { ["cleanup.policy"] = "compact" } },
        }, replicas: 1, Settings);
    }

    public async Task DisposeAsync()
    {
        if (Suite is not null)
        {
            await Suite.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    internal string Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }
}
