using System.Globalization;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Mqtt;

/// <summary>What operators see of a message's way: metrics at <c>/metrics</c>, and its trace.</summary>
[Collection(MqttSuiteCollection.Name)]
public sealed class TelemetryTests(MqttSuite suite)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [RequiresToolFact("mosquitto_pub", "mosquitto_sub")]
    public async Task Metrics_CountConnectionsAndMessages()
    {
        using var http = new HttpClient { BaseAddress = suite.Edge.Address };
        await using var listening = await suite.SubscribeAsync("-V", "5", "-i", "metrics-sub", "-t", "metrics/#", "-q", "2", "-C", "6");
        var before = await ReadAsync(http);
        Assert.True(before.Sum("zilla_mqtt_connections", "version=\"5.0\"") >= 1);
        foreach (var (version, qos) in new[] { ("5", "0"), ("5", "1"), ("5", "1"), ("5", "2"), ("311", "1"), ("311", "2") })
        {
            await suite.PublishAsync("-V", version, "-t", "metrics/a", "-m", "x", "-q", qos);
        }

        await listening.WaitForExitAsync(Patience);
        Assert.Contains("denied", await ChildProcess.RunAsync("bash", ["-c", $"mosquitto_sub -V 5 -h 127.0.0.1 -p {suite.Port} -t 'a/{string.Join('/', Enumerable.Repeat('x', 300))}' -E 2>&1 || true"]), StringComparison.OrdinalIgnoreCase);
        await Eventually.HoldsAsync(async () => (await ReadAsync(http)).Sum("zilla_mqtt_in_flight") == 0, Patience, "all is acknowledged");

        var after = await ReadAsync(http);
        Assert.Equal([1, 3, 2], Enumerable.Range(0, 3).Select(qos => Change("zilla_mqtt_publishes_in_total", $"qos=\"{qos}\"")));
        Assert.Equal([1, 3, 2], Enumerable.Range(0, 3).Select(qos => Change("zilla_mqtt_publishes_out_total", $"qos=\"{qos}\"")));
        Assert.Equal((5, 2), (Change("zilla_mqtt_connects_total", "version=\"5.0\""), Change("zilla_mqtt_connects_total", "version=\"3.1.1\"")));
        Assert.Equal(1, Change("zilla_mqtt_refused_total", "packet=\"SUBACK\"", "reason=\"0x8F\""));
        Assert.True(Change("zilla_mqtt_bytes_in_bytes_total") > 6 * "metrics/a".Length);
        Assert.All(["zilla_mqtt_unacknowledged", "zilla_mqtt_in_flight"], name => Assert.True(after.Has(name) && after.Sum(name) == 0, name));

        double Change(string name, params string[] labels) => after.Sum(name, labels) - before.Sum(name, labels);
    }

    [RequiresToolFact("curl", "mosquitto_sub")]
    public async Task Exporter_OfTheFile_TellsWhatTheEdgeMeasured()
    {
        await using var listening = await suite.SubscribeAsync("-V", "5", "-i", "exporter-sub", "-t", "exporter/#", "-C", "1");

        var page = new Page(await ChildProcess.RunAsync("curl", ["-sS", "--fail", "--max-time", "20", $"http://127.0.0.1:{suite.MetricsPort}/metrics"]));

        Assert.True(page.Sum("zilla_mqtt_connections", "site=\"here\"", "version=\"5.0\"") >= 1);
    }

    [RequiresToolFact("mosquitto_pub", "mosquitto_sub", "kcat")]
    public async Task Publish_WithATraceparent_IsOneTraceThroughKafka_AndTheSubscriberHasIt()
    {
        var trace = Guid.NewGuid().ToString("N");
        var parent = $"00-{trace}-00f067aa0ba902b7-01";
        await using var listening = ChildProcess.Start("stdbuf", ["-oL", "mosquitto_sub", "-d", "-V", "5", "-h", "127.0.0.1", "-p", MqttSuite.Number(suite.Port), "-t", "traced/#", "-q", "1", "-C", "1", "-F", "got %P"]);
        await listening.WaitForLineAsync("Subscribed");

        await suite.PublishAsync("-V", "5", "-t", "traced/a", "-m", "x", "-q", "1", "-D", "publish", "user-property", "traceparent", parent);

        await listening.WaitForExitAsync(Patience);
        Assert.Contains($"got traceparent:{parent}", listening.Lines);
        Assert.Contains($"traceparent={parent}", await ChildProcess.RunAsync("kcat", ["-b", suite.Kafka.BootstrapServers, "-t", suite.Messages, "-C", "-e", "-q", "-f", "%h\\n"]), StringComparison.Ordinal);
        await Eventually.HoldsAsync(() => Spans().Order(StringComparer.Ordinal).SequenceEqual(["deliver", "publish"]), Patience, $"spans of the trace, not {string.Join(' ', Spans())}");

        IEnumerable<string> Spans() => suite.Spans.Spans.Where(span => span.TraceId == trace && span.Service == "edge-mqtt" && span.ParentSpanId == "00f067aa0ba902b7").Select(span => span.Name);
    }

    [RequiresToolFact("mosquitto_pub", "mosquitto_sub")]
    public async Task Publish_ToWhoIsAway_TheTraceEndsWhenTheClientIsBackAndIsSentIt()
    {
        var trace = Guid.NewGuid().ToString("N");
        string[] session = ["-V", "5", "-i", "traced-session", "-c", "-x", "600", "-t", "away-traced/#", "-q", "1"];
        await using (var first = await suite.SubscribeAsync([.. session, "-W", "1"]))
        {
            await first.WaitForExitAsync(Patience);
        }

        await suite.PublishAsync("-V", "5", "-t", "away-traced/a", "-m", "x", "-q", "1", "-D", "publish", "user-property", "traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        await Eventually.HoldsAsync(() => Spans().SequenceEqual(["publish"]), Patience, $"spans of the trace, not {string.Join(' ', Spans())}");

        await using var again = await suite.ResumeAsync([.. session, "-C", "1"]);

        Assert.Equal(["away-traced/a x q1 r0"], MqttSuite.Got(again));
        await Eventually.HoldsAsync(() => Spans().SequenceEqual(["deliver", "publish"]), Patience, $"spans of the trace, not {string.Join(' ', Spans())}");

        IEnumerable<string> Spans() => suite.Spans.Spans.Where(span => span.TraceId == trace && span.Service == "edge-mqtt" && span.ParentSpanId == "00f067aa0ba902b7")
            .Select(span => span.Name).Distinct().Order(StringComparer.Ordinal);
    }

    private static async Task<Page> ReadAsync(HttpClient http) => new(await http.GetStringAsync(new Uri("/metrics", UriKind.Relative)));

    private sealed class Page(string text)
    {
        public bool Has(string name) => text.Contains($"\n{name}{{", StringComparison.Ordinal) || text.Contains($"\n{name} ", StringComparison.Ordinal);

        /// <summary>Over all series of that name with these labels.</summary>
        public double Sum(string name, params string[] labels) => text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && (line[name.Length] is '{' or ' ') && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
