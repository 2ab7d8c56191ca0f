using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams.Mqtt;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>What owners have said in Kafka.</summary>
internal static class OwnerClaims
{
    /// <summary>Who owns the partitions of a sessions topic, as its owners topic says.</summary>
    public static Dictionary<int, SessionOwner> Claims(this KafkaBroker broker, string topic)
    {
        var claims = new Dictionary<int, SessionOwner>();
        foreach (var record in broker.ReadCommitted(OwnersTopic.Of(topic)))
        {
            var claim = OwnerClaim.Decode(record.Message.Key, record.Message.Value)!;
            claims[claim.Partition] = new(claim.Instance, record.Offset.Value, claim.Partitions);
        }

        return claims;
    }
}
