using Zilla.Edge.Cache;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Delivery;

internal static partial class DeliveryLog
{
    [LoggerMessage(1, LogLevel.Warning, "A subscription is refused, {Topic} cannot be read, {Cause}: {Reason}")]
    public static partial void TopicUnavailable(ILogger logger, TopicName topic, Cause cause, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Retained messages of {Topic} are not sent, {Cause}: {Reason}")]
    public static partial void RetainedUnavailable(ILogger logger, TopicName topic, Cause cause, string reason);
}
