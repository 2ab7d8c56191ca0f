using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams.Mqtt;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>Reads the owners topic as the cache holds it, from where it was read before.</summary>
internal sealed class ClaimReader(TopicCache owners, Cluster cluster, ClusterParts parts)
{
    private long _next = -1;

    /// <summary>Gives what has come since the last call: content and offset, in order.</summary>
    /// <exception cref="Zilla.Streams.StreamBrokenException">It cannot be read now.</exception>
    public async Task ReadAsync(Action<OwnerClaim, long> take, CancellationToken cancellationToken)
    {
        var log = owners.Partitions[0];
        if (log.NextOffset <= _next)
        {
            return;
        }

        var end = log.NextOffset;
        await foreach (var (record, offset) in new StoredRecords(log, owners.Name, cluster.History, parts.Options, parts.Time).ReadFromAsync(_next, cancellationToken))
        {
            _next = offset + 1;
            if (OwnerClaim.Decode(record.Key, record.Value) is { } claim)
            {
                take(claim, offset);
            }
        }

        _next = Math.Max(_next, end);
    }
}
