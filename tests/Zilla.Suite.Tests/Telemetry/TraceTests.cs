using System.Text;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Telemetry;

/// <summary>One trace per request, across processes, joined to the client's own.</summary>
[Collection(QuickstartCollection.Name)]
public sealed class TraceTests(QuickstartFixture fixture)
{
    [Theory]
    [InlineData("PUT")]
    [InlineData("GET")]
    public async Task Request_WithTraceparent_IsOneTraceAcrossEdgeAndCache(string method)
    {
        var trace = Guid.NewGuid().ToString("N");
        using var request = new HttpRequestMessage(new(method), $"/items/{trace}");
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        if (method == "PUT")
        {
            request.Content = new StringContent("1", Encoding.UTF8, "application/json");
        }

        using var response = await fixture.Suite.Http.SendAsync(request);

        await Eventually.HoldsAsync(
            () => Services(trace).Order(StringComparer.Ordinal).SequenceEqual(["edge-http", "kafka-cache"], StringComparer.Ordinal), TimeSpan.FromSeconds(60));
        var spans = fixture.Spans.Spans.Where(s => s.TraceId == trace).ToList();
        Assert.All(spans.Where(s => s.Service == "kafka-cache"), cache => Assert.Contains(spans, s => s.Service == "edge-http" && s.SpanId == cache.ParentSpanId));
        Assert.Contains(spans, s => s.Service == "edge-http" && s.ParentSpanId == "00f067aa0ba902b7");
    }

    private IEnumerable<string> Services(string trace) => fixture.Spans.Spans.Where(s => s.TraceId == trace).Select(s => s.Service).Distinct();
}
