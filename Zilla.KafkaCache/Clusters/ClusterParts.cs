using Zilla.Config.Plans;

namespace Zilla.KafkaCache.Clusters;

/// <summary>What all parts of one cluster share.</summary>
/// <param name="Plan">What to serve.</param>
/// <param name="Instance">This replica's name.</param>
/// <param name="Options">The cache's settings.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Stopping">Cancelled when the cluster is no longer served.</param>
internal sealed record ClusterParts(ClusterPlan Plan, string Instance, CacheOptions Options, TimeProvider Time, ILogger Logger, CancellationToken Stopping);
