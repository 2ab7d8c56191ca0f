using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Zilla.Edge.Http;

/// <summary>
/// The metrics of an http server binding (reference §3.5), by namespace and binding: <c>http.active.requests</c>, <c>http.request.size</c> and
/// <c>http.response.size</c> of bodies in bytes, <c>http.duration</c> in ms from the head of the request to the end of the response.
/// </summary>
public sealed class HttpMetrics(string @namespace, string binding)
{
    public const string Name = "Zilla.Edge.Http";

    /// <summary>2, 4, 8 … 1 Gi.</summary>
    private const int SizeBuckets = 30;

    /// <summary>1, 2, 4 … some two minutes; what lasts longer streams.</summary>
    private const int DurationBuckets = 18;

    private static readonly Meter Meter = new(Name);

    private static readonly UpDownCounter<long> Active =
        Meter.CreateUpDownCounter<long>("http.active.requests", "{request}", "Requests under way.");

    private static readonly Histogram<long> RequestSize = Meter.CreateHistogram(
        "http.request.size", "By", "Bytes of request bodies.", null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. Enumerable.Range(1, SizeBuckets).Select(i => 1L << i)] });

    private static readonly Histogram<long> ResponseSize = Meter.CreateHistogram(
        "http.response.size", "By", "Bytes of response bodies.", null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. Enumerable.Range(1, SizeBuckets).Select(i => 1L << i)] });

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "http.duration", "ms", "From request to the end of the response.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [.. Enumerable.Range(0, DurationBuckets).Select(i => (double)(1L << i))] });

    private readonly TagList _tags = new([new("namespace", @namespace), new("binding", binding)]);

    public void Begin() => Active.Add(1, _tags);

    public void End(Exchange exchange, TimeSpan duration)
    {
        Active.Add(-1, _tags);
        RequestSize.Record(exchange.Request.ContentLength ?? exchange.BytesReceived, _tags);
        ResponseSize.Record(exchange.Response.ContentLength ?? exchange.BytesSent, _tags);
        Duration.Record(duration.TotalMilliseconds, _tags);
    }
}
