using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Zilla.Config.Bindings;
using Zilla.Config.Vaults;
using Zilla.Config.Watching;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;
using Acks = Zilla.Streams.V1.KafkaProduce.Types.Acks;

namespace Zilla.KafkaCache.Tests.Clusters;

/// <summary>Kafka over TLS, against brokers that speak it.</summary>
public sealed class TlsTests(TlsBrokers brokers) : IClassFixture<TlsBrokers>
{
    private static readonly TlsClientBinding Trusting = new() { Name = "tls", Trust = ["brokers"], TrustCaCerts = false };

    [Fact]
    public async Task Connect_TrustedBroker_EveryClientWorks()
    {
        var topic = KafkaBroker.Topic("tls");
        var plan = TlsBrokers.Plan(brokers.Open, Trusting with { TrustCaCerts = true }, brokers.Vault()) with { Topics = [new() { Name = topic }] };
        await using var replica = await CacheReplica.StartAsync(plan);

        await replica.Produce(topic).SendAsync("a", "1");
        await replica.Produce(topic, Acks.LeaderOnly).SendAsync("b", "2");
        Assert.Equal(["0/0:a=1", "0/1:b=2"], (await replica.Fetch(topic).ToEndAsync()).Records);

        // Begun at the end, so that what lies before is read through.
        await replica.Clusters.ApplyAsync([plan with { Topics = [new() { Name = topic, DefaultOffset = KafkaDefaultOffset.Live }] }]);
        Assert.Equal(["0/0:a=1", "0/1:b=2"], (await replica.Fetch(topic, new() { From = ByteString.CopyFrom(KafkaProgress.Of(0, 0).Encode()) }).ToEndAsync()).Records);
    }

    [Theory]
    [InlineData("untrusted", "certificate verify failed")]
    [InlineData("system", "certificate verify failed")]
    [InlineData("name", "certificate verify failed")]
    [InlineData("no certificate", "SSL connection closed by peer")]
    [InlineData("foreign certificate", "SSL connection closed by peer")]
    public async Task Connect_WhereOneSideDoesNotTrustTheOther_IsUnhealthyWithTheReason(string what, string reason)
    {
        await using var replica = await CacheReplica.StartAsync(what switch
        {
            "untrusted" => TlsBrokers.Plan(brokers.Open, Trusting with { Trust = ["others"] }, brokers.Vault()),
            "system" => TlsBrokers.Plan(brokers.Open, new() { Name = "tls" }),
            "name" => TlsBrokers.Plan(brokers.Open.Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal), Trusting, brokers.Vault()),
            "foreign certificate" => TlsBrokers.Plan(brokers.Mutual, Trusting with { Keys = ["foreign"] }, brokers.Vault()),
            _ => TlsBrokers.Plan(brokers.Mutual, Trusting, brokers.Vault()),
        });

        await Eventually.HoldsAsync(() => replica.Cluster.State.Problem?.Contains(reason, StringComparison.Ordinal) == true);
        Assert.Equal(Cause.Unavailable, (await Assert.ThrowsAsync<StreamBrokenException>(() => replica.Produce("items").SendAsync("a", "1"))).Cause);
    }

    [Fact]
    public async Task Connect_BrokerThatWantsACertificate_IsShownItWithItsChain()
    {
        await using var replica = await CacheReplica.StartAsync(TlsBrokers.Plan(brokers.Mutual, Trusting with { Keys = ["client"] }, brokers.Vault()) with { Bootstrap = ["items"] });

        await replica.Produce("items").SendAsync("a", "1");

        Assert.DoesNotContain(replica.Log.Lines, line => line.Contains(TlsBrokers.Password, StringComparison.Ordinal) || line.Contains("PRIVATE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connect_SaslOverTls_SaysSoToATrustedBrokerAlone()
    {
        using var trusted = brokers.Brokers.Issue("127.0.0.1");
        using var foreign = new TestAuthority("brokers").Issue("127.0.0.1");
        await using var broker = new SaslBroker(trusted);
        await using var impostor = new SaslBroker(foreign);
        var sasl = new KafkaSasl { Mechanism = KafkaSaslMechanism.Plain, Username = "alice", Password = "s3cret" };

        await using var replica = await CacheReplica.StartAsync(TlsBrokers.Plan(impostor.Address, Trusting, brokers.Vault()) with { Sasl = sasl });
        await Eventually.HoldsAsync(() => replica.Cluster.State.Problem?.Contains("certificate verify failed", StringComparison.Ordinal) == true);
        await replica.Clusters.ApplyAsync([TlsBrokers.Plan(broker.Address, Trusting, brokers.Vault()) with { Sasl = sasl }]);

        await Eventually.HoldsAsync(() => broker.Said.Contains("PLAIN:|alice|s3cret"));
        Assert.Empty(impostor.Said);
    }

    [Theory]
    [InlineData("missing", "trust.p12 cannot be read")]
    [InlineData("password", "its password does not open it")]
    [InlineData("alias", "has no entry 'nobody'")]
    [InlineData("keyless", "without its key")]
    public async Task Apply_UnusableStore_RefusedWithReason_AndTheOneBeforeStays(string what, string reason)
    {
        await using var replica = await CacheReplica.StartAsync(TlsBrokers.Plan(brokers.Open, Trusting, brokers.Vault()));
        var before = replica.Cluster;
        var trust = new VaultStore { Path = what == "missing" ? "/none/trust.p12" : brokers.TrustPath, Password = what == "password" ? "not-it" : TlsBrokers.Password };
        var tls = Trusting with { Trust = [what == "alias" ? "nobody" : "brokers"], Keys = what == "keyless" ? ["issuer"] : [] };

        var refused = await Assert.ThrowsAsync<PlanRefusedException>(() => replica.Clusters.ApplyAsync([TlsBrokers.Plan(brokers.Open, tls, brokers.Vault() with { Trust = trust })]));

        Assert.StartsWith($"{CacheReplica.ClusterName}: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-it", refused.ToString(), StringComparison.Ordinal);
        Assert.Same(before, replica.Cluster);
    }

    [Fact]
    public async Task Store_Replaced_TheClusterIsSetUpAnew_UnlessItCannotBeUsed()
    {
        var keys = brokers.FilePath("replaced.p12");
        brokers.WriteKeys(keys, swapped: true);
        await using var replica = await CacheReplica.StartAsync(TlsBrokers.Plan(brokers.Mutual, Trusting with { Keys = ["client"] }, brokers.Vault(keys)));
        using var logging = new LoggerFactory([replica.Log]);
        using var watch = new StoreWatch(replica.Clusters, new CacheOptions { VaultPollInterval = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, logging.CreateLogger<StoreWatch>());
        await watch.StartAsync(CancellationToken.None);
        var before = replica.Cluster;

        await File.WriteAllTextAsync(keys, "no store");
        await Eventually.HoldsAsync(() => replica.Log.Lines.Any(line => line.Contains("stays in force", StringComparison.Ordinal)));
        Assert.Same(before, replica.Cluster);
        Assert.False(before.State.Up);
        brokers.WriteKeys(keys);

        await Eventually.HoldsAsync(() => replica.Clusters.Find(CacheReplica.ClusterName) is { State.Up: true } after && after != before);
        await watch.StopAsync(CancellationToken.None);
    }
}
