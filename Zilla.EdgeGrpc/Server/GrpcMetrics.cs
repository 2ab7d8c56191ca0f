using System.Diagnostics.Metrics;
using Zilla.Config.Bindings;
using Zilla.Edge.Telemetry;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Server;

/// <summary>
/// The metrics of a grpc server binding (reference §3.5), by namespace and binding: <c>grpc.active.requests</c>, <c>grpc.request.size</c> and
/// <c>grpc.response.size</c> of all the messages of a call in bytes as they travel, <c>grpc.duration</c> in ms from the head of the request to the status,
/// <c>grpc.requests.per.rpc</c> and <c>grpc.responses.per.rpc</c>: messages of a call. All of them, or those that its
/// <c>telemetry</c> asks for, if it has any.
/// </summary>
internal sealed class GrpcMetrics(string @namespace, GrpcServerBinding binding)
{
    public const string Name = "Zilla.Edge.Grpc";

    private static readonly Meter Meter = new(Name);

    private static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>("grpc.active.requests", "{call}", "Calls under way.");

    private static readonly Histogram<long> RequestSize = Meter.CreateAmounts("grpc.request.size", "By", "Bytes of the messages of the client, by call.");

    private static readonly Histogram<long> ResponseSize = Meter.CreateAmounts("grpc.response.size", "By", "Bytes of the messages of the answer, by call.");

    private static readonly Histogram<long> Requests = Meter.CreateAmounts("grpc.requests.per.rpc", "{message}", "Messages of the client, by call.");

    private static readonly Histogram<long> Responses = Meter.CreateAmounts("grpc.responses.per.rpc", "{message}", "Messages of the answer, by call.");

    private static readonly Histogram<double> Duration = Meter.CreateDurations("grpc.duration", "From request to status.");

    private readonly BindingAttributes _attributes = new(@namespace, binding.Name, binding.Telemetry);
    private readonly bool _active = binding.Selects(Active);
    private readonly bool _requestSize = binding.Selects(RequestSize);
    private readonly bool _responseSize = binding.Selects(ResponseSize);
    private readonly bool _requests = binding.Selects(Requests);
    private readonly bool _responses = binding.Selects(Responses);
    private readonly bool _duration = binding.Selects(Duration);

    public void Begin() => Count(1);

    public void End(Call call, TimeSpan duration)
    {
        Count(-1);
        Record(_requestSize, RequestSize, call.Exchange.BytesReceived);
        Record(_responseSize, ResponseSize, call.Exchange.BytesSent);
        Record(_requests, Requests, call.Received);
        Record(_responses, Responses, call.Sent);
        if (_duration)
        {
            Duration.Record(duration.TotalMilliseconds, _attributes.Fixed);
        }
    }

    private void Count(int change)
    {
        if (_active)
        {
            Active.Add(change, _attributes.Fixed);
        }
    }

    private void Record(bool isSelected, Histogram<long> metric, long value)
    {
        if (isSelected)
        {
            metric.Record(value, _attributes.Fixed);
        }
    }
}
