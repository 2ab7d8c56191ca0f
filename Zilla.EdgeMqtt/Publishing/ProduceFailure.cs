using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Publishing;

/// <summary>Why a message is not in Kafka, in the words of PUBACK and PUBREC.</summary>
internal static class ProduceFailure
{
    public static MqttError Of(Cause cause, string? message) => new(
        cause switch
        {
            Cause.NotAuthorized => ReasonCode.NotAuthorized,
            Cause.InvalidRecord or Cause.UnknownTopic or Cause.UnknownCluster or Cause.Misconfigured => ReasonCode.ImplementationSpecificError,
            Cause.Overloaded => ReasonCode.QuotaExceeded,
            _ => ReasonCode.UnspecifiedError,
        },
        message ?? "Kafka has not taken the message");
}
