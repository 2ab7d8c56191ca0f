using System.Collections.Frozen;

namespace Zilla.Config.Events;

/// <summary>
/// The events of reference §3.8 that this suite has. A log message is one of them if this is its <c>EventName</c>; which binding it is about says its
/// value <c>Binding</c>, <c>Guard</c> or <c>Cluster</c>, and <c>Trace</c> which request.
/// </summary>
public static class EventNames
{
    public const string EngineStarted = "ENGINE_STARTED";
    public const string ConfigWatcherFailed = "ENGINE_CONFIG_WATCHER_FAILED";
    public const string HttpRequestAccepted = "BINDING_HTTP_REQUEST_ACCEPTED";
    public const string MqttClientConnected = "BINDING_MQTT_CLIENT_CONNECTED";
    public const string MqttKafkaNonCompactSessionsTopic = "BINDING_MQTT_KAFKA_NON_COMPACT_SESSIONS_TOPIC";
    public const string TlsHandshakeFailed = "BINDING_TLS_HANDSHAKE_FAILED";
    public const string KafkaBrokerConnectionFailed = "BINDING_KAFKA_BROKER_CONNECTION_FAILED";
    public const string KafkaSaslAuthenticationFailed = "BINDING_KAFKA_SASL_AUTHENTICATION_FAILED";
    public const string KafkaTopicAuthorizationFailed = "BINDING_KAFKA_TOPIC_AUTHORIZATION_FAILED";
    public const string KafkaProduceError = "BINDING_KAFKA_PRODUCE_ERROR";
    public const string JwtAuthorizationFailed = "GUARD_JWT_AUTHORIZATION_FAILED";
    public const string X509AuthorizationFailed = "GUARD_X509_AUTHORIZATION_FAILED";

    internal static FrozenSet<string> All { get; } = typeof(EventNames).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Where a message says what it is about, the best first.</summary>
    internal static IReadOnlyList<string> Subjects { get; } = ["Binding", "Guard", "Cluster"];
}
