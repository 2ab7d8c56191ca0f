using Zilla.Config.Plans;

namespace Zilla.KafkaCache.Clusters;

/// <summary>What all parts of one cluster share.</summary>
/// <param name="Plan">What to serve.</param>
/// <param name="Instance">This replica's name.</param>
/// <param name="Tls">What its clients present and whom they believe; null: connections are plain.</param>
/// <param name="Options">The cache's settings.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Stopping">Cancelled when the cluster is no longer served.</param>
internal sealed record ClusterParts(ClusterPlan Plan, string Instance, TlsSettings? Tls, CacheOptions Options, TimeProvider Time, ILogger Logger, CancellationToken Stopping);
