using Confluent.Kafka;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Clusters;

/// <summary>From Kafka's errors to the causes of the frame protocol; the text is Kafka's own.</summary>
internal static class KafkaCauses
{
    public static StreamBrokenException ToBroken(Error error, TimeSpan retryAfter) =>
        Of(error.Code) is var cause && cause is Cause.Unavailable or Cause.Overloaded ? new(cause, error.Reason, retryAfter) : new(cause, error.Reason);

    public static Cause Of(ErrorCode code) => code switch
    {
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition or ErrorCode.TopicException => Cause.UnknownTopic,

        ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidRecord or ErrorCode.InvalidMsg or ErrorCode.InvalidMsgSize
            or ErrorCode.InvalidTimestamp or ErrorCode.PolicyViolation => Cause.InvalidRecord,

        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
            or ErrorCode.SaslAuthenticationFailed or ErrorCode.Local_Authentication => Cause.NotAuthorized,

        ErrorCode.Local_MsgTimedOut or ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_Transport or ErrorCode.Local_Resolve or ErrorCode.Local_Ssl
            or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_WaitCoord or ErrorCode.Local_Retry or ErrorCode.LeaderNotAvailable
            or ErrorCode.NotLeaderForPartition or ErrorCode.BrokerNotAvailable or ErrorCode.ReplicaNotAvailable or ErrorCode.RequestTimedOut
            or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.NetworkException or ErrorCode.KafkaStorageError
            or ErrorCode.Local_PurgeQueue or ErrorCode.Local_PurgeInflight or ErrorCode.Local_Fatal => Cause.Unavailable,

        ErrorCode.Local_QueueFull or ErrorCode.ThrottlingQuotaExceeded => Cause.Overloaded,

        _ => Cause.Internal,
    };
}
