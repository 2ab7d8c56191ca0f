using Confluent.Kafka;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Tests.Clusters;

public sealed class KafkaCausesTests
{
    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge, Cause.InvalidRecord)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, Cause.NotAuthorized)]
    [InlineData(ErrorCode.Local_MsgTimedOut, Cause.Unavailable)]
    [InlineData(ErrorCode.NotEnoughReplicas, Cause.Unavailable)]
    [InlineData(ErrorCode.UnknownTopicOrPart, Cause.UnknownTopic)]
    [InlineData(ErrorCode.Local_QueueFull, Cause.Overloaded)]
    [InlineData(ErrorCode.Unknown, Cause.Internal)]
    public void Of_KafkaError_IsTheCause(ErrorCode code, Cause cause) => Assert.Equal(cause, KafkaCauses.Of(code));

    [Fact]
    public void ToBroken_Unavailable_SaysWhenToTryAgainInKafkasWords()
    {
        var broken = KafkaCauses.ToBroken(new Error(ErrorCode.RequestTimedOut, "too slow"), TimeSpan.FromSeconds(2));

        Assert.Equal((Cause.Unavailable, "too slow", TimeSpan.FromSeconds(2)), (broken.Cause, broken.Message, broken.RetryAfter));
        Assert.Equal(TimeSpan.Zero, KafkaCauses.ToBroken(new Error(ErrorCode.InvalidRecord, "no"), TimeSpan.FromSeconds(2)).RetryAfter);
    }
}
