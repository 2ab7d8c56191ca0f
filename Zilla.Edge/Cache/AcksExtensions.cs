using Zilla.Config.Bindings;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

public static class AcksExtensions
{
    /// <summary>What the configuration says, as the cache is asked for it.</summary>
    public static KafkaProduce.Types.Acks ToProduce(this KafkaAcks acks) => acks switch
    {
        KafkaAcks.None => KafkaProduce.Types.Acks.None,
        KafkaAcks.LeaderOnly => KafkaProduce.Types.Acks.LeaderOnly,
        _ => KafkaProduce.Types.Acks.InSyncReplicas,
    };
}
