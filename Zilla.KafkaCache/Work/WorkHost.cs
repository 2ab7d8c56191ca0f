using Zilla.Config.Plans;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Work;

/// <summary>One kafka-grpc binding in this replica.</summary>
internal sealed class WorkHost
{
    private readonly WorkParts _parts;
    private readonly WorkTopic[] _topics;
    private readonly CancellationTokenSource _left = new();

    public WorkHost(WorkPlan plan, ClusterParts cluster, ClusterMetadata metadata, ClusterProducers producers, IStreamOpener topics, WorkTelemetry telemetry)
    {
        var limits = new WorkLimits(cluster.Options.WorkCalls, cluster.Options.WorkBytes, cluster.Options.WorkIdle, cluster.Options.WorkUnrouted);
        var deadLetters = new DeadLetters(plan, (target, letter) => producers.ProduceAsync(target, letter, KafkaProduce.Types.Acks.InSyncReplicas), cluster, telemetry);
        _parts = new(plan, cluster, metadata, producers, topics, new WorkGroup(limits, telemetry, cluster.Time), deadLetters, telemetry);
        _topics = [.. plan.Conditions.Select(condition => condition.Topic).Distinct(StringComparer.Ordinal).Select(topic => new WorkTopic(_parts, topic))];
    }

    public string Group => _parts.Plan.Group;

    /// <summary>How many partitions are this replica's.</summary>
    public int Partitions => _topics.Sum(topic => topic.Count);

    /// <summary>Serves an edge for as long as it stays.</summary>
    public Task AcceptAsync(FrameStream stream, uint calls, CancellationToken cancellationToken) => new WorkStream(stream, calls, _parts, _left.Token).RunAsync(cancellationToken);

    /// <summary>Gives the partitions up in good order, then ends the edges' streams.</summary>
    public async Task StopAsync()
    {
        await Task.WhenAll(_topics.Select(topic => topic.StopAsync()));
        await _left.CancelAsync();
    }
}

/// <summary>Makes the part of a kafka-grpc binding that is this replica's.</summary>
internal delegate WorkHost WorkFactory(WorkPlan plan, ClusterParts cluster, ClusterMetadata metadata, ClusterProducers producers);
