using Google.Protobuf;
using Grpc.Core;
using Zilla.EdgeGrpc.Protos.Health;
using Zilla.EdgeGrpc.Protos.Reflection.V1;

namespace Zilla.EdgeGrpc.Tests.Services;

/// <summary>Clients of the services that the gateway serves itself, for which there are no generated ones.</summary>
internal static class Methods
{
    private const string Health = "grpc.health.v1.Health";

    public static Method<HealthCheckRequest, HealthCheckResponse> Check { get; } = Of<HealthCheckRequest, HealthCheckResponse>(MethodType.Unary, Health, "Check");

    public static Method<HealthCheckRequest, HealthCheckResponse> Watch { get; } = Of<HealthCheckRequest, HealthCheckResponse>(MethodType.ServerStreaming, Health, "Watch");

    public static Method<ServerReflectionRequest, ServerReflectionResponse> Reflection(string version) =>
        Of<ServerReflectionRequest, ServerReflectionResponse>(MethodType.DuplexStreaming, $"grpc.reflection.{version}.ServerReflection", "ServerReflectionInfo");

    private static Method<TRequest, TResponse> Of<TRequest, TResponse>(MethodType type, string service, string name)
        where TRequest : IMessage<TRequest>, new()
        where TResponse : IMessage<TResponse>, new() => new(type, service, name, Marshaller<TRequest>(), Marshaller<TResponse>());

    private static Marshaller<T> Marshaller<T>()
        where T : IMessage<T>, new() => Marshallers.Create(message => message.ToByteArray(), bytes => new MessageParser<T>(() => new T()).ParseFrom(bytes));
}
