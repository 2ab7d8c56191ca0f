using Zilla.Config.Plans;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>A sessions topic as the cache holds it while it is served.</summary>
/// <param name="Plan">Of its binding.</param>
/// <param name="Cluster">It is in.</param>
/// <param name="Cache">What is held of it.</param>
/// <param name="Partitions">How many partitions keys are spread over: as many as the topic had when the first session was written.</param>
/// <param name="Options">The cache's settings.</param>
/// <param name="Time">The clock.</param>
internal sealed record SessionsTopic(SessionsPlan Plan, Cluster Cluster, TopicCache Cache, int Partitions, CacheOptions Options, TimeProvider Time)
{
    public string Name => Plan.SessionsTopic;

    public PartitionLog Log(int partition) => Cache.Partitions[partition];

    public StoredRecords Records(int partition) => new(Log(partition), Name, Cluster.History, Options, Time);

    /// <summary>Waits until all below an offset is held.</summary>
    public async Task WaitForAsync(int partition, long offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            var version = Cache.Signal.Version;
            if (Log(partition) is { Hydrated: true } log && log.NextOffset >= offset)
            {
                return;
            }

            await Cache.Signal.WaitAsync(version, cancellationToken);
        }
    }
}
