using Confluent.Kafka;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams;
using Zilla.Streams.Mqtt;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>Whether Kafka's topics are such that sessions can be kept in them.</summary>
internal sealed class SessionsTopicCheck(ClusterMetadata metadata, string topic)
{
    /// <summary>What was found last: the sessions topic is there, and not compacted.</summary>
    public bool IsNotCompacted { get; private set; }

    /// <summary>How many partitions the sessions topic has.</summary>
    /// <exception cref="StreamBrokenException">CAUSE_MISCONFIGURED, with the reason in words.</exception>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused.</exception>
    public async Task<int> SessionsAsync()
    {
        IsNotCompacted = false;
        var count = await PartitionsAsync(topic) ?? throw Misconfigured($"Topic {topic} does not exist: sessions need one with cleanup.policy=compact");
        IsNotCompacted = !(await metadata.PolicyAsync(topic)).Compact;
        if (IsNotCompacted)
        {
            throw Misconfigured($"Topic {topic} is not compacted: sessions need cleanup.policy=compact");
        }

        return count;
    }

    /// <summary>Creates the owners topic if it is not there.</summary>
    /// <exception cref="StreamBrokenException">CAUSE_MISCONFIGURED, with the reason in words.</exception>
    /// <exception cref="KafkaException">No broker answered, or Kafka refused.</exception>
    public async Task OwnersAsync()
    {
        var owners = OwnersTopic.Of(topic);
        if (await PartitionsAsync(owners) is null)
        {
            await metadata.CreateCompactedAsync(owners);
        }

        if (await PartitionsAsync(owners) is > 1 and var count)
        {
            throw Misconfigured($"Topic {owners} has {count} partitions: it must have one");
        }

        if (await metadata.PolicyAsync(owners) is not { Compact: true, Delete: false })
        {
            throw Misconfigured($"Topic {owners} must have cleanup.policy=compact and nothing else: owners do not expire");
        }
    }

    private static StreamBrokenException Misconfigured(string reason) => new(Cause.Misconfigured, reason);

    private async Task<int?> PartitionsAsync(string name)
    {
        try
        {
            return await metadata.PartitionsAsync(name);
        }
        catch (KafkaException problem) when (KafkaCauses.Of(problem.Error.Code) is Cause.UnknownTopic)
        {
            return null;
        }
    }
}
