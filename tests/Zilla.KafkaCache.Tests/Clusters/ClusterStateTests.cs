using Zilla.KafkaCache.Clusters;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Clusters;

/// <summary>What is said of a cluster, and how often.</summary>
public sealed class ClusterStateTests
{
    private readonly CapturedLog _log = new();

    [Fact]
    public void Failed_BrokersRefuseWhoWeAre_IsSaidOnce_UntilTheyAnswer()
    {
        var state = new ClusterState(_log, "c");

        state.Failed("SASL authentication error", isRefusal: true);
        state.Failed("timed out");
        state.Failed("SASL authentication error", isRefusal: true);
        state.Answered();
        state.Failed("SASL authentication error", isRefusal: true);

        Assert.Equal(
            ["Error Cluster c: the brokers do not accept who the service says it is: SASL authentication error", "Information Cluster c: the brokers answer",
                "Error Cluster c: the brokers do not accept who the service says it is: SASL authentication error"],
            _log.Lines);
    }

    [Fact]
    public void Failed_ReasonOfTheConnectionComesLater_IsSaidToo()
    {
        var state = new ClusterState(_log, "c");

        state.Failed("timed out");
        state.Failed("timed out");
        state.ConnectionFailed("connection refused");
        state.Failed("timed out");
        state.Failed("timed out");

        Assert.Equal(["Warning Cluster c: no broker answers: timed out", "Warning Cluster c: no broker answers: connection refused"], _log.Lines);
    }
}
