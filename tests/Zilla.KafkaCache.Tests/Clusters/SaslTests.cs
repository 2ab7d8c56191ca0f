using Zilla.Config.Bindings;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Clusters;

/// <summary>That what the plan says of the client's identity is what goes to the broker.</summary>
public sealed class SaslTests
{
    [Theory]
    [InlineData(KafkaSaslMechanism.Plain, "PLAIN:|alice|s3cret")]
    [InlineData(KafkaSaslMechanism.ScramSha256, "SCRAM-SHA-256:n,,n=alice,r=")]
    [InlineData(KafkaSaslMechanism.ScramSha512, "SCRAM-SHA-512:n,,n=alice,r=")]
    public async Task Connect_Password_IsPresentedByTheMechanism(KafkaSaslMechanism mechanism, string said) =>
        await PresentsAsync(new() { Mechanism = mechanism, Username = "alice", Password = "s3cret" }, said);

    [Fact]
    public async Task Connect_OAuthBearer_PresentsTheToken() =>
        await PresentsAsync(new() { Mechanism = KafkaSaslMechanism.OAuthBearer, Token = "s3cret" }, "OAUTHBEARER:n,,\u0001auth=Bearer s3cret\u0001\u0001");

    private static async Task PresentsAsync(KafkaSasl sasl, string said)
    {
        await using var broker = new SaslBroker();
        await using var replica = await CacheReplica.StartAsync(broker.Address);
        await replica.Clusters.ApplyAsync([new() { Name = CacheReplica.ClusterName, Servers = [broker.Address], Sasl = sasl }]);

        // The consumer and the producer.
        await Eventually.HoldsAsync(() => broker.Said.Count >= 2, TimeSpan.FromSeconds(30), "two clients say who they are");
        Assert.All(broker.Said, message => Assert.StartsWith(said, message, StringComparison.Ordinal));
        await Eventually.HoldsAsync(() => replica.Log.Lines.Any(line => line.StartsWith("Error Cluster", StringComparison.Ordinal) && line.Contains("authentication error", StringComparison.Ordinal)), TimeSpan.FromSeconds(30), "the refusal is in the log");
        Assert.DoesNotContain(replica.Log.Lines, message => message.Contains("s3cret", StringComparison.Ordinal));
    }
}
