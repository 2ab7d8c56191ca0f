using Google.Protobuf;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Protos.Health;
using Zilla.EdgeGrpc.Schemas;
using Zilla.EdgeGrpc.Server;
using ServingStatus = Zilla.EdgeGrpc.Protos.Health.HealthCheckResponse.Types.ServingStatus;

namespace Zilla.EdgeGrpc.Services;

/// <summary>
/// grpc.health.v1: a service is served while all can be reached that routes pass its methods on to. That the listener is up needs no asking: the question came through it.
/// </summary>
/// <param name="schema">The services.</param>
/// <param name="handlersOf">What routes may pass a method on to (<c>package.Service/Method</c>).</param>
/// <param name="own">Names of services that the gateway serves itself, which are always there.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthService(ServiceSchema schema, Func<string, IEnumerable<ICallHandler>> handlersOf, IReadOnlyCollection<string> own, TimeProvider time) : ICallHandler
{
    /// <summary>How often watchers have it looked at.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Reachability _reachability = new(time);

    // Null: no route takes any method of the service.
    private readonly Dictionary<string, ICallHandler[]?> _handlers = schema.Services.ToDictionary(
        service => service.FullName,
        service => own.Contains(service.FullName) ? [] : service.Methods.SelectMany(method => handlersOf($"{service.FullName}/{method.Name}")).Distinct().ToArray() is { Length: > 0 } some ? some : null,
        StringComparer.Ordinal);

    public async Task<Status> HandleAsync(Call call)
    {
        var service = await ReadAsync(call);
        if (!call.Method.IsServerStreaming)
        {
            if (await StatusOfAsync(service) is var status && status == ServingStatus.ServiceUnknown)
            {
                return new(StatusCode.NotFound, $"There is no service {service}.");
            }

            await call.WriteAsync(new HealthCheckResponse { Status = status }.ToByteArray());
            return Status.Ok;
        }

        for (var last = ServingStatus.Unknown; ; await Task.Delay(Interval, time, call.Cancelled))
        {
            if (await StatusOfAsync(service).WaitAsync(call.Cancelled) is var status && status != last)
            {
                await call.WriteAsync(new HealthCheckResponse { Status = last = status }.ToByteArray());
                await call.FlushAsync();
            }
        }
    }

    private static async Task<string> ReadAsync(Call call)
    {
        var service = "";
        try
        {
            while (await call.ReadAsync())
            {
                service = HealthCheckRequest.Parser.ParseFrom(call.Message.Span).Service;
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CallException(StatusCode.InvalidArgument, $"The message is no HealthCheckRequest: {e.Message}");
        }

        return service;
    }

    private async Task<ServingStatus> StatusOfAsync(string service)
    {
        ICallHandler[]? handlers = service.Length == 0 ? [.. _handlers.Values.OfType<ICallHandler[]>().SelectMany(some => some).Distinct()] : _handlers.GetValueOrDefault(service);
        return handlers is null ? ServingStatus.ServiceUnknown : await _reachability.OfAsync(handlers) ? ServingStatus.Serving : ServingStatus.NotServing;
    }
}
