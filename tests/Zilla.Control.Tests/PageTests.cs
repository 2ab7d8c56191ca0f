using System.Text.RegularExpressions;
using Zilla.Config.Loading;
using Zilla.Control.Instances;
using Zilla.Control.Page;
using Zilla.Control.Publishing;
using Zilla.Testing;

namespace Zilla.Control.Tests;

/// <summary>The page at <c>GET /</c>.</summary>
public sealed partial class PageTests : IDisposable
{
    private const string Text = """
        name: page
        bindings:
          tcp0: {type: tcp, kind: server, options: {host: 127.0.0.1, port: 7114}, exit: http0}
          http0: {type: http, kind: server, routes: [{when: [{headers: {':path': /a}}], exit: proxy0}, {when: [{headers: {':path': /b}}], exit: map0}], exit: sse0}
          map0: {type: http-kafka, kind: proxy, routes: [{exit: cache0, with: {capability: fetch, topic: t}}]}
          proxy0: {type: http-filesystem, kind: proxy, routes: [{exit: files0, with: {path: a}}]}
          files0: {type: filesystem, kind: server, options: {location: /}}
          sse0: {type: sse, kind: server, exit: sse1}
          sse1: {type: sse-kafka, kind: proxy, routes: [{exit: cache0, with: {topic: t}}]}
          cache0: {type: kafka, kind: cache_client, exit: cache1}
          cache1: {type: kafka, kind: cache_server, exit: kafka0}
          kafka0: {type: kafka, kind: client, options: {servers: ['secret.example:9092']}, exit: tcp1}
          tcp1: {type: tcp, kind: client}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("zilla-page-").FullName;

    private string Config => Path.Combine(_folder, "zilla.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Layout_EveryExit_LeadsToTheRight_AndNoTwoShareAPlace()
    {
        var layout = GraphLayout.Of(ConfigurationLoader.Load(Text, new ConfigurationSource("t", "/"), _ => null).Configuration!);
        Assert.Equal(11, layout.Bindings.Count);
        Assert.Equal(["cache0 cache1", "cache1 kafka0", "http0 map0", "http0 proxy0", "http0 sse0", "kafka0 tcp1", "map0 cache0", "proxy0 files0", "sse0 sse1", "sse1 cache0", "tcp0 http0"],
            layout.Lines.Select(line => $"{line[0].Binding!.Name} {line[^1].Binding!.Name}").Order(StringComparer.Ordinal));
        Assert.All(layout.Lines, line => Assert.Equal(Enumerable.Range(line[0].Column, line.Count), line.Select(place => place.Column)));
        var places = layout.Bindings.Concat(layout.Lines.SelectMany(line => line.Skip(1).SkipLast(1))).ToList();
        Assert.Equal(places.Count, places.Select(place => (place.Column, place.Row)).Distinct().Count());
        Assert.Equal((8, 3), (layout.Columns, layout.Rows));
    }

    [Fact]
    public void Render_WhatOthersWrote_IsEscaped()
    {
        const string Evil = "<script>alert(1)</script>\"'&";
        var page = StatusPage.Render(
            new Publication { Problem = Evil, Errors = [new ConfigurationError(1, 2, Evil, Evil)], RefusedPut = new RefusedPut(DateTimeOffset.UnixEpoch, [new ConfigurationError(3, 4, Evil, Evil)]) },
            [new InstanceStatus("edge-http", Evil, Evil, InstanceState.Refused) { Reason = Evil }],
            new ConfigurationSource(Evil, null)).ToString();

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Single(Scripts().Matches(page));
        Assert.Equal(8, page.Split("&lt;script&gt;").Length - 1);
        Assert.Contains("3:4", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Page_HasAStrictPolicyAndShowsWhatRuns()
    {
        WholeFile.Write(Config, Text);
        var grpc = FreePort.Next();
        await using var control = await ControlProcess.StartAsync(Config, FreePort.Next(), grpc, _folder);
        await using var edge = await EdgeProcess.StartAsync(grpc);
        await using var cache = await EdgeProcess.StartAsync(grpc, Zilla.Config.Plans.ServiceNames.KafkaCache, objection: _ => "no such <cluster>");
        await Eventually.HoldsAsync(async () => (await control.GetAsync("/status")).Body is var status && status.Contains("\"Applied\"", StringComparison.Ordinal) && status.Contains("\"Refused\"", StringComparison.Ordinal));

        using var response = await control.SendAsync(HttpMethod.Get, "/", null);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Contains("revision 1: refused by a service", page, StringComparison.Ordinal);
        Assert.Contains("no such &lt;cluster&gt;", page, StringComparison.Ordinal);
        Assert.Contains("edge-http 1/1", page, StringComparison.Ordinal);
        Assert.Contains("kafka-cache 0/1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
    }

    [RequiresToolFact("node", "npm", "chromium")]
    public async Task Page_InChromium_FollowsWithoutAReload_AndKeepsItsPolicy()
    {
        WholeFile.Write(Config, Text);
        var http = FreePort.Next();
        await using var control = await ControlProcess.StartAsync(Config, http, FreePort.Next(), _folder);
        await Eventually.HoldsAsync(async () => await control.RevisionAsync() == 1);
        var picture = Path.Combine(_folder, "page.png");
        await using var browser = await NodeClients.StartAsync("page.mjs", $"http://127.0.0.1:{http}/", "no binding is named 'nowhere'", picture);
        await browser.WaitForLineAsync("loaded", TimeSpan.FromSeconds(60));
        WholeFile.Write(Config, Text.Replace("exit: http0", "exit: nowhere", StringComparison.Ordinal));

        Assert.Equal(0, await browser.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.DoesNotContain(browser.Lines, line => line.StartsWith("error ", StringComparison.Ordinal) && !line.Contains("favicon", StringComparison.Ordinal));
        Assert.True(new FileInfo(picture).Length > 1000);
    }

    [GeneratedRegex("<script")]
    private static partial Regex Scripts();
}
