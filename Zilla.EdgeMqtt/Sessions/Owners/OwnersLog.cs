using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Sessions.Owners;

internal static partial class OwnersLog
{
    [LoggerMessage(1, LogLevel.Debug, "Sessions of {Topic}/{Partition} are owned by {Instance} in epoch {Epoch}", EventName = "OwnerClaimed")]
    public static partial void Claimed(ILogger logger, string topic, int partition, string instance, long epoch);

    [LoggerMessage(2, LogLevel.Information, "Who owns the sessions of {Topic} cannot be read now: {Reason}", EventName = "OwnersLost")]
    public static partial void Lost(ILogger logger, string topic, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Topic}@{Offset} is no claim of an owner, or one of a later version, and is passed over", EventName = "OwnerUnreadable")]
    public static partial void NoClaim(ILogger logger, TopicName topic, long offset);
}
