using Zilla.Config.Plans;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams;

namespace Zilla.KafkaCache.Work;

/// <summary>What all topics of a kafka-grpc binding share.</summary>
/// <param name="Plan">What calls are.</param>
/// <param name="Cluster">Of the cluster.</param>
/// <param name="Metadata">Likewise.</param>
/// <param name="Producers">Likewise.</param>
/// <param name="Topics">The way to its topics, in this replica.</param>
/// <param name="Group">The calls.</param>
/// <param name="DeadLetters">For those that cannot be made.</param>
/// <param name="Telemetry">Counts.</param>
internal sealed record WorkParts(
    WorkPlan Plan, ClusterParts Cluster, ClusterMetadata Metadata, ClusterProducers Producers, IStreamOpener Topics, WorkGroup Group, DeadLetters DeadLetters, WorkTelemetry Telemetry);
