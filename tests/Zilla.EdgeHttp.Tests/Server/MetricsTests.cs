using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Zilla.Config.Bindings;
using Zilla.Edge.Http;
using Zilla.EdgeHttp.Tests.Sse;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Server;

public sealed class MetricsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_Served_SizesAndDurationByBinding(bool http2)
    {
        using var meter = new Metered($"http-{http2}");
        await using var gateway = await StartAsync(meter.Binding);
        _ = gateway.Items;
        var client = http2 ? gateway.Http2 : gateway.Client;

        using var put = await client.PutAsync("/items/1", new StringContent("12345"));
        using var chunked = await client.SendAsync(new HttpRequestMessage(HttpMethod.Put, "/items/2")
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
            Content = new StringContent("1234567"),
            Headers = { TransferEncodingChunked = http2 ? null : true },
        });
        await client.GetStringAsync("/items/1");
        await client.GetStringAsync("/items"); // [12345,1234567]

        await Eventually.HoldsAsync(() => meter.Of("http.duration").Count == 4);
        Assert.Equal([5, 7, 0, 0], meter.Of("http.request.size"));
        Assert.Equal([0, 0, 5, 15], meter.Of("http.response.size"));
        Assert.All(meter.Of("http.duration"), ms => Assert.InRange(ms, double.Epsilon, 60_000));
        Assert.Equal(0, meter.Of("http.active.requests").Sum());
    }

    [Fact]
    public async Task Request_Refused_CountsToo()
    {
        using var meter = new Metered("http-refused");
        await using var gateway = await StartAsync(meter.Binding);

        using var response = await gateway.Client.GetAsync("/items/1"); // there is no such topic

        await Eventually.HoldsAsync(() => meter.Of("http.duration").Count == 1);
        Assert.Equal([response.Content.Headers.ContentLength!.Value], meter.Of("http.response.size"));
    }

    [Fact]
    public async Task Stream_Open_IsActive_ItsBytesCountAtItsEnd()
    {
        using var meter = new Metered("http-stream");
        await using var gateway = await StartAsync(meter.Binding);
        gateway.Items.Append(0, "1", "a");
        const string Sent = "retry:2500\n\nid:AQIAAg==\ndata:a\n\n";

        await using (var events = await EventStream.OpenAsync(gateway.Client, "/events"))
        {
            await events.ExpectAsync(Sent);
            Assert.Equal(1, meter.Of("http.active.requests").Sum());
        }

        await Eventually.HoldsAsync(() => meter.Of("http.active.requests").Sum() == 0);
        Assert.Equal([Sent.Length], meter.Of("http.response.size"));
    }

    [Theory]
    [InlineData("GET", "/items/1", "/items/{id}")]
    [InlineData("PUT", "/items/1", "/items/{id}")]
    [InlineData("GET", "/items", "/items")]
    [InlineData("DELETE", "/items", "/items")] // the http server took it, no route of the mapping did
    [InlineData("GET", "/events/1", "/events/{id}")]
    [InlineData("GET", "/", "/")]
    [InlineData("GET", "/nowhere", null)]
    public async Task Span_Route_IsThePatternThatMatched(string method, string path, string? route)
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        Activity? span = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => span = activity.TraceId.ToHexString() == trace ? activity : span,
        };
        ActivitySource.AddActivityListener(listener);
        await using var gateway = await Gateway.StartAsync();
        gateway.Items.Append(0, "1", "x");
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "traceparent", $"00-{trace}-00f067aa0ba902b7-01" } } };

        using (await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            // A stream has its span when it ends.
        }

        await Eventually.HoldsAsync(() => span is not null);
        Assert.Equal(route, span!.GetTagItem("http.route"));
    }

    private static Task<Gateway> StartAsync(string name) => Gateway.StartAsync(
        new TcpServerBinding { Name = "tcp", Ports = [], Exit = name }, Quickstart.Bindings.OfType<HttpServerBinding>().Single() with { Name = name });

    /// <summary>What is measured for one binding.</summary>
    private sealed class Metered : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, ConcurrentQueue<double>> _values = new();

        public Metered(string binding)
        {
            Binding = binding;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == HttpMetrics.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
            _listener.Start();
        }

        public string Binding { get; }

        public IReadOnlyCollection<double> Of(string instrument) => [.. _values.GetValueOrDefault(instrument) ?? []];

        public void Dispose() => _listener.Dispose();

        private void Add(string instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.SequenceEqual([new("namespace", "tests"), new("binding", Binding)]))
            {
                _values.GetOrAdd(instrument, _ => []).Enqueue(value);
            }
        }
    }
}
