using System.Diagnostics.Metrics;
using Zilla.ServiceDefaults.Metrics;

namespace Zilla.ServiceDefaults.Tests.Metrics;

/// <summary>Text format 0.0.4; names as reference §3.6 has them.</summary>
public sealed class PrometheusMetricsTests : IDisposable
{
    private readonly Meter _meter = new($"tests {Guid.NewGuid()}");
    private readonly PrometheusMetrics _metrics;

    public PrometheusMetricsTests() => _metrics = new(_meter.Name);

    [Theory]
    [InlineData("http.request.size", "By", false, "http_request_size_bytes")]
    [InlineData("http.duration", "ms", false, "http_duration")]
    [InlineData("stream.opens.received", null, true, "stream_opens_received_total")]
    [InlineData("stream.data.received", "By", true, "stream_data_received_bytes_total")]
    [InlineData("http.server.request.duration", "s", false, "http_server_request_duration_seconds")]
    [InlineData("sent.bytes", "By", false, "sent_bytes")]
    [InlineData("2-x", "{record}", false, "_2_x")]
    public void Of_Instrument_IsItsNameInPrometheus(string name, string? unit, bool isCounter, string expected) =>
        Assert.Equal(expected, MetricName.Of(name, unit, isCounter));

    [Fact]
    public void Scrape_Counter_SumsByLabels_WhateverTheOrderOfTags()
    {
        var counter = _meter.CreateCounter<long>("zilla.records", "{record}", "Records,\nin \\ out.");
        counter.Add(2, new("b", 1), new("a.b", "x"));
        counter.Add(3, new KeyValuePair<string, object?>("a.b", "x"), new("b", "1"));
        counter.Add(5);

        Assert.Equal(
            """
            # HELP zilla_records_total Records,\nin \\ out.
            # TYPE zilla_records_total counter
            zilla_records_total 5
            zilla_records_total{a_b="x",b="1"} 5

            """, _metrics.Scrape());
    }

    [Fact]
    public void Scrape_LabelValues_AreEscaped_AndAttributesAreLabelsOfAll()
    {
        _meter.CreateUpDownCounter<int>("open").Add(-1, new KeyValuePair<string, object?>("path", "a\"b\\c\nd"));

        Assert.EndsWith("open{service_namespace=\"s\",path=\"a\\\"b\\\\c\\nd\"} -1\n", _metrics.Scrape([new("service.namespace", "s")]), StringComparison.Ordinal);
    }

    [Fact]
    public void Scrape_Histogram_BucketsAddUp_LimitsIncluded()
    {
        var histogram = _meter.CreateHistogram("http.duration", "ms", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2.5] });
        foreach (var value in (double[])[0.5, 1, 2, 2.5, 3])
        {
            histogram.Record(value);
        }

        Assert.EndsWith(
            """
            # TYPE http_duration histogram
            http_duration_bucket{le="1"} 2
            http_duration_bucket{le="2.5"} 4
            http_duration_bucket{le="+Inf"} 5
            http_duration_sum 9
            http_duration_count 5

            """, _metrics.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public void Scrape_Histogram_WithoutLimitsOfItsOwn_HasPowersOfTwo()
    {
        _meter.CreateHistogram<long>("grpc.request.size", "By").Record(3);

        var text = _metrics.Scrape();
        Assert.Contains("bucket{le=\"2\"} 0\ngrpc_request_size_bytes_bucket{le=\"4\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("le=\"1073741824\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Scrape_Observable_TellsWhatIsThereNow()
    {
        var topics = new List<string> { "a", "b" };
        _meter.CreateObservableGauge("lag", () => topics.Select(t => new Measurement<long>(t.Length, new KeyValuePair<string, object?>("topic", t))));
        Assert.Contains("lag{topic=\"a\"} 1\nlag{topic=\"b\"} 1\n", _metrics.Scrape(), StringComparison.Ordinal);

        topics.Remove("a");

        var text = _metrics.Scrape();
        Assert.DoesNotContain("topic=\"a\"", text, StringComparison.Ordinal);
        Assert.Contains("topic=\"b\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Scrape_ObservableCounter_IsNotAddedUp()
    {
        _meter.CreateObservableCounter("dropped", () => 7L);
        _metrics.Scrape();

        Assert.EndsWith("dropped_total 7\n", _metrics.Scrape(), StringComparison.Ordinal);
    }

    [Fact]
    public void Record_MoreLabelsThanAllowed_ShareOneSeries()
    {
        var counter = _meter.CreateCounter<long>("many");
        for (var i = 0; i < MetricFamily.MaxSeries + 3; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        var lines = _metrics.Scrape().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2 + MetricFamily.MaxSeries + 1, lines.Length);
        Assert.Contains("many_total{otel_metric_overflow=\"true\"} 3", lines);
    }

    [Fact]
    public void Record_KnownTags_AllocatesNothing()
    {
        var (counter, histogram) = (_meter.CreateCounter<long>("c"), _meter.CreateHistogram<double>("h"));
        var tags = new System.Diagnostics.TagList([new("namespace", "n"), new("binding", "b")]);
        void Measure()
        {
            counter.Add(1, tags);
            histogram.Record(1.5, tags);
        }

        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Measure();
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public void Scrape_MetersOfOtherNames_AreNotListenedTo()
    {
        using var other = new Meter("other");
        other.CreateCounter<long>("other").Add(1);

        Assert.Equal("", _metrics.Scrape());
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _meter.Dispose();
    }
}
