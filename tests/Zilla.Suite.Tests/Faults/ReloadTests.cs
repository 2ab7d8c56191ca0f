using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Zilla.Suite.Tests.Running;
using Zilla.Suite.Tests.Telemetry;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>The configuration changes while clients are connected, and services start while Control is away.</summary>
[Collection(FaultsCollection.Name)]
public sealed class ReloadTests(FaultsFixture fixture)
{
    [Fact]
    public async Task Put_BadThenGood_KeepsAnOpenEventStream_AndSurvivesAStartWithoutControl()
    {
        var suite = fixture.Suite;
        using var client = new HttpClient { BaseAddress = suite.Address };
        using var control = new HttpClient { BaseAddress = suite.Control.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", FaultsFixture.ConfigToken) } };
        var original = await control.GetStringAsync("/config");
        var key = Guid.NewGuid().ToString();
        var reader = new EventReader(client, $"/events/{key}");
        using var stop = new CancellationTokenSource();
        var reading = reader.RunAsync(stop.Token);
        await Eventually.HoldsAsync(() => reader.Openings == 1);

        var lines = original.TrimEnd().Split('\n').Length;
        using var bad = await PutAsync(control, original.TrimEnd() + "\n  more_tcp_server: {type: tcp, kind: server, options: {port: 1}, exit: nowhere}\n");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, bad.StatusCode);
        var mistake = (await bad.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0];
        Assert.Equal((lines + 1, 72, "no binding is named 'nowhere'"), (mistake.GetProperty("line").GetInt32(), mistake.GetProperty("column").GetInt32(), mistake.GetProperty("message").GetString()));

        await using var collector = await SpanCollector.StartAsync();
        var second = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        using var good = await PutAsync(
            control, original.TrimEnd() + $"\n  more_tcp_server: {{type: tcp, kind: server, options: {{host: 127.0.0.1, port: {second.Port}}}, exit: north_http_server}}\ntelemetry: {{exporters: {{events: {{type: stdout}}, o: {{type: otlp, options: {{interval: 1, endpoint: {{location: '{collector.Address}'}}}}}}}}}}\n");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        var revision = (await good.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("revision").GetInt64();
        await AllApplyAsync(control, revision);
        using var item = new StringContent("1");
        using var written = await client.PutAsync(new Uri(second, $"/items/{key}"), item);
        Assert.Equal(HttpStatusCode.NoContent, written.StatusCode);
        await Eventually.HoldsAsync(() => reader.Events.Contains("1"));
        var told = $@"\nquickstart\.north_http_server \[\d\d/[A-Z][a-z]{{2}}/\d{{4}}:\d\d:\d\d:\d\d \+0000\] \[[0-9a-f]{{32}}\] BINDING_HTTP_REQUEST_ACCEPTED PUT http://127.0.0.1:{second.Port}/items/{key} ";
        await Eventually.HoldsAsync(() => suite.Edges.Any(edge => Regex.IsMatch(edge.Output, told)), TimeSpan.FromSeconds(60), "the event is told");
        foreach (var service in suite.Edges.Concat(suite.Caches).Append(suite.Control))
        {
            await Eventually.HoldsAsync(() => collector.Metrics.Any(body => body.Contains(service.Name, StringComparison.Ordinal)), TimeSpan.FromSeconds(30), $"{service.Name} exports");
        }

        await Eventually.HoldsAsync(() => collector.Metrics.Any(body => body.Contains("http.duration", StringComparison.Ordinal)), TimeSpan.FromSeconds(30), "requests are counted");
        await Eventually.HoldsAsync(() => collector.Logs.Any(body => body.Contains("tells its events from now on", StringComparison.Ordinal)), TimeSpan.FromSeconds(30), "the log is exported");
        Assert.Equal((1, 0), (reader.Openings, reader.Breaks.Count));
        await stop.CancelAsync();
        await reading;

        // An edge starts while Control is away, and serves what it served.
        await suite.Control.StopAsync();
        await suite.Edges[0].KillAsync();
        await suite.Edges[0].RestartAsync();
        Assert.Contains($"plan {revision} is in force", await client.GetStringAsync(new Uri(suite.Edges[0].Address, "/readyz")), StringComparison.Ordinal);

        // What was put has survived, and is taken back.
        await suite.Control.RestartAsync();
        await AllApplyAsync(control, revision);
        using var back = await PutAsync(control, original);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        await AllApplyAsync(control, revision + 1);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(second, "/items")));
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient control, string text)
    {
        using var body = new StringContent(text);
        return await control.PutAsync("/config", body);
    }

    /// <summary>Until every instance has this revision in force; what Control and they say instead is in the failure.</summary>
    private async Task AllApplyAsync(HttpClient control, long revision)
    {
        var suite = fixture.Suite;
        try
        {
            await Eventually.HoldsAsync(async () => await AppliedAsync(control, revision) == suite.Edges.Count + suite.Caches.Count);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\nrevision {revision}: {await control.GetStringAsync("/status")}\n{suite.Output}");
        }
    }

    /// <summary>How many instances have this revision in force.</summary>
    private static async Task<int> AppliedAsync(HttpClient control, long revision) => (await control.GetFromJsonAsync<JsonElement>("/status")).GetProperty("instances").EnumerateArray()
        .Count(instance => instance.GetProperty("state").GetString() == "Applied" && instance.GetProperty("appliedRevision").GetInt64() == revision);
}
