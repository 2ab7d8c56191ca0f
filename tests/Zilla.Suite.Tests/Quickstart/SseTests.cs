using System.Text;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Quickstart;

/// <summary>Server-sent events from a topic, through every process (reference §4.2).</summary>
[Collection(QuickstartCollection.Name)]
public sealed class SseTests(QuickstartFixture fixture)
{
    private readonly RunningSuite _suite = fixture.Suite;

    [RequiresToolFact("curl")]
    public async Task Events_OfOneKey_ComeLiveToCurl_WithIdsAndDeletes()
    {
        var key = Guid.NewGuid().ToString();
        await using var curl = ChildProcess.Start("curl", ["-sSN", "--max-time", "40", $"{_suite.Address}events/{key}"]);
        await PutAsync(key, """{"n":1}""");
        await curl.WaitForLineAsync("""data:{"n":1}""");
        using var deleted = await _suite.Http.DeleteAsync(new Uri($"/items/{key}", UriKind.Relative));
        await curl.WaitForLineAsync("event:delete");
        var encoded = Base64Url(key);
        await curl.WaitForLineAsync($"data:{encoded}");
        Assert.Equal(2, curl.Lines.Count(line => line.StartsWith($"id:[\"{encoded}\",\"AQ", StringComparison.Ordinal)));
    }

    [RequiresToolFact("node", "npm")]
    public async Task EventSource_OfNpm_ReadsHistoryThenLive_AndResumesWhereItStopped()
    {
        var key = Guid.NewGuid().ToString();
        await PutAsync(key, "1");
        await using var first = await NodeClients.StartAsync("eventsource.mjs", $"{_suite.Address}events/{key}", "2");
        await first.WaitForLineAsync("open");
        await first.WaitForLineAsync("message 1 ");
        await PutAsync(key, "2");
        var last = await first.WaitForLineAsync("message 2 ");
        Assert.Equal(0, await first.WaitForExitAsync(TimeSpan.FromSeconds(60)));

        await PutAsync(key, "3");
        var id = last["message 2 ".Length..];
        await using var second = await NodeClients.StartAsync("eventsource.mjs", $"{_suite.Address}events/{key}", "1", id);
        await second.WaitForLineAsync("message 3 ");
        Assert.Equal(0, await second.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.DoesNotContain(second.Lines, line => line.StartsWith("message 1 ", StringComparison.Ordinal) || line.StartsWith("message 2 ", StringComparison.Ordinal));
    }

    [RequiresToolFact("node", "npm", "chromium")]
    public async Task Page_InChromium_ShowsEventsAsTheyHappen()
    {
        var key = $"page-{Guid.NewGuid():N}";
        await using var browser = await NodeClients.StartAsync("page.mjs", _suite.Address.ToString(), key);
        await browser.WaitForLineAsync("loaded", TimeSpan.FromSeconds(60));
        await PutAsync(key, $$"""{"name":"{{key}}"}""");
        await browser.WaitForLineAsync($"shown {key}", TimeSpan.FromSeconds(30));
        Assert.Equal(0, await browser.WaitForExitAsync(TimeSpan.FromSeconds(30)));
    }

    private async Task PutAsync(string key, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _suite.Http.PutAsync(new Uri($"/items/{key}", UriKind.Relative), content);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);
    }

    private static string Base64Url(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).Replace('+', '-').Replace('/', '_');
}
