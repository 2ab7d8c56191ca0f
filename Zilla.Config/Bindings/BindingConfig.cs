using System.Text.Json.Serialization;
using Zilla.Config.Telemetry;

namespace Zilla.Config.Bindings;

/// <summary>
/// A binding as <c>zilla.yaml</c> says it, typed by its <c>type</c> and <c>kind</c> (reference §2). Names of other bindings are plain names
/// here; the loader has checked that they exist. Serialised as JSON in plans.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "binding")]
[JsonDerivedType(typeof(TcpServerBinding), "tcp server")]
[JsonDerivedType(typeof(ProxyServerBinding), "proxy server")]
[JsonDerivedType(typeof(TlsServerBinding), "tls server")]
[JsonDerivedType(typeof(TlsClientBinding), "tls client")]
[JsonDerivedType(typeof(HttpServerBinding), "http server")]
[JsonDerivedType(typeof(EchoBinding), "echo server")]
[JsonDerivedType(typeof(HttpKafkaBinding), "http-kafka proxy")]
[JsonDerivedType(typeof(HttpFilesystemBinding), "http-filesystem proxy")]
[JsonDerivedType(typeof(FilesystemBinding), "filesystem server")]
[JsonDerivedType(typeof(SseServerBinding), "sse server")]
[JsonDerivedType(typeof(SseKafkaBinding), "sse-kafka proxy")]
[JsonDerivedType(typeof(WsServerBinding), "ws server")]
[JsonDerivedType(typeof(MqttServerBinding), "mqtt server")]
[JsonDerivedType(typeof(MqttKafkaBinding), "mqtt-kafka proxy")]
[JsonDerivedType(typeof(GrpcServerBinding), "grpc server")]
[JsonDerivedType(typeof(GrpcKafkaBinding), "grpc-kafka proxy")]
[JsonDerivedType(typeof(GrpcClientBinding), "grpc client")]
[JsonDerivedType(typeof(HttpClientBinding), "http client")]
[JsonDerivedType(typeof(KafkaGrpcBinding), "kafka-grpc remote_server")]
[JsonDerivedType(typeof(KafkaCacheClientBinding), "kafka cache_client")]
[JsonDerivedType(typeof(KafkaCacheServerBinding), "kafka cache_server")]
[JsonDerivedType(typeof(KafkaClientBinding), "kafka client")]
[JsonDerivedType(typeof(TcpClientBinding), "tcp client")]
public abstract record BindingConfig
{
    public required string Name { get; init; }

    /// <summary>Where streams go that no route takes; null = they are refused.</summary>
    public string? Exit { get; init; }

    /// <summary>What is measured of it; null = nothing.</summary>
    public BindingTelemetry? Telemetry { get; init; }
}
