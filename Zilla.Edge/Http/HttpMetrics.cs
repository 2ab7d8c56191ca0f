using System.Diagnostics;
using System.Diagnostics.Metrics;
using Zilla.Config.Bindings;
using Zilla.Edge.Telemetry;

namespace Zilla.Edge.Http;

/// <summary>
/// The metrics of an http server binding (reference §3.5), by namespace and binding: <c>http.active.requests</c>, <c>http.request.size</c> and
/// <c>http.response.size</c> of bodies in bytes, <c>http.duration</c> in ms from the head of the request to the end of the response. All of them, or those that its
/// <c>telemetry</c> asks for, if it has any.
/// </summary>
public sealed class HttpMetrics(string @namespace, HttpServerBinding binding)
{
    public const string Name = "Zilla.Edge.Http";

    private static readonly Meter Meter = new(Name);

    private static readonly UpDownCounter<long> Active =
        Meter.CreateUpDownCounter<long>("http.active.requests", "{request}", "Requests under way.");

    private static readonly Histogram<long> RequestSize = Meter.CreateAmounts("http.request.size", "By", "Bytes of request bodies.");

    private static readonly Histogram<long> ResponseSize = Meter.CreateAmounts("http.response.size", "By", "Bytes of response bodies.");

    private static readonly Histogram<double> Duration = Meter.CreateDurations("http.duration", "From request to the end of the response.");

    private readonly BindingAttributes _attributes = new(@namespace, binding.Name, binding.Telemetry);
    private readonly StreamMetrics? _streams = StreamMetrics.Of(@namespace, binding);
    private readonly bool _active = binding.Selects(Active);
    private readonly bool _requestSize = binding.Selects(RequestSize);
    private readonly bool _responseSize = binding.Selects(ResponseSize);
    private readonly bool _duration = binding.Selects(Duration);

    /// <returns>For <see cref="End"/>.</returns>
    public StreamCount? Begin(Exchange exchange)
    {
        if (_active)
        {
            // What is added is taken away again under the same tags: a response has none to tell yet.
            Active.Add(1, _attributes.Fixed);
        }

        return _streams is null ? null : exchange.Measure(_streams);
    }

    public void End(Exchange exchange, StreamCount? stream, TimeSpan duration)
    {
        if (_active)
        {
            Active.Add(-1, _attributes.Fixed);
        }

        if (stream is not null)
        {
            exchange.Measured(stream, exchange.Aborted.IsCancellationRequested);
        }

        if (_attributes.Vary)
        {
            Record(exchange, duration, _attributes.Of(exchange.Context, exchange.Path));
        }
        else
        {
            Record(exchange, duration, _attributes.Fixed);
        }
    }

    private void Record(Exchange exchange, TimeSpan duration, in TagList tags)
    {
        if (_requestSize)
        {
            RequestSize.Record(exchange.Request.ContentLength ?? exchange.BytesReceived, tags);
        }

        if (_responseSize)
        {
            ResponseSize.Record(exchange.Response.ContentLength ?? exchange.BytesSent, tags);
        }

        if (_duration)
        {
            Duration.Record(duration.TotalMilliseconds, tags);
        }
    }
}
