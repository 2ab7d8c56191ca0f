using System.Net;
using System.Text;
using System.Text.Json;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Quickstart;

/// <summary>REST in front of a topic, through every process (reference §4.1).</summary>
[Collection(QuickstartCollection.Name)]
public sealed class RestTests(QuickstartFixture fixture)
{
    private readonly RunningSuite _suite = fixture.Suite;

    [RequiresToolFact("curl")]
    public async Task POST_ThenGET_ByCurlOverBothVersionsOfHttp_GivesTheRecordBack()
    {
        var key = Guid.NewGuid().ToString();
        var posted = await _suite.CurlAsync("-i", "-X", "POST", "/items", "-H", $"Idempotency-Key: {key}", "-H", "Content-Type: application/json", "-d", """{"name":"Apple"}""");
        Assert.StartsWith("HTTP/1.1 204", posted, StringComparison.Ordinal);

        await Eventually.HoldsAsync(async () => (await _suite.CurlAsync("-o", "/dev/null", "-w", "%{http_code}", $"/items/{key}")) == "200");
        var got = await _suite.CurlAsync("-i", "--http2-prior-knowledge", $"/items/{key}");
        Assert.StartsWith("HTTP/2 200", got, StringComparison.Ordinal);
        Assert.Contains("content-type: application/json", got, StringComparison.Ordinal);
        Assert.Contains("etag: AQ", got, StringComparison.Ordinal);
        Assert.EndsWith("""{"name":"Apple"}""", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GET_WithTheEtagItGave_IsNotModified_UntilTheRecordChanges()
    {
        var path = $"/items/{Guid.NewGuid()}";
        await PutAsync(path, "1");
        var etag = (await GetAsync(path, HttpStatusCode.OK)).Headers.NonValidated["ETag"].ToString();

        Assert.Equal(HttpStatusCode.NotModified, (await SendAsync(path, etag)).StatusCode);
        await PutAsync(path, "2");
        await Eventually.HoldsAsync(async () => (await SendAsync(path, etag)).StatusCode == HttpStatusCode.OK);
        Assert.Equal("2", await (await SendAsync(path, etag)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task GET_WithPreferWait_AnswersWhenTheRecordArrives()
    {
        var path = $"/items/{Guid.NewGuid()}";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Prefer", "wait=100");
        var waiting = _suite.Http.SendAsync(request);
        await PutAsync(path, "\"late\"");
        using var response = await Eventually.CompletesAsync(waiting);
        Assert.Equal("\"late\"", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task GET_WithTheProgressOfAPut_ShowsItWhicheverReplicaWroteIt()
    {
        // Writes take the two cache replicas in turn, reads go to one of them.
        var path = $"/items/{Guid.NewGuid()}";
        for (var i = 0; i < 50; i++)
        {
            using var put = await _suite.Http.PutAsync(path, new StringContent($"{i}"));
            using var get = new HttpRequestMessage(HttpMethod.Get, path);
            get.Headers.Add("zilla-progress", put.Headers.GetValues("zilla-progress"));
            using var got = await _suite.Http.SendAsync(get);
            Assert.Equal($"{i}", await got.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task DELETE_LeavesNothingToGet()
    {
        var path = $"/items/{Guid.NewGuid()}";
        await PutAsync(path, "1");
        await GetAsync(path, HttpStatusCode.OK);
        using var deleted = await _suite.Http.DeleteAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await GetAsync(path, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task GET_OfTheCollection_IsOneJsonArrayOfTheLatest()
    {
        var mark = Guid.NewGuid().ToString();
        await PutAsync($"/items/{mark}", $$"""{"mark":"{{mark}}"}""");
        await Eventually.HoldsAsync(async () => (await _suite.Http.GetStringAsync(new Uri("/items", UriKind.Relative))).Contains(mark, StringComparison.Ordinal));
        using var json = JsonDocument.Parse(await _suite.Http.GetStringAsync(new Uri("/items", UriKind.Relative)));
        Assert.Equal(JsonValueKind.Array, json.RootElement.ValueKind);
    }

    [Fact]
    public async Task Request_ThatNoRouteTakes_IsAProblemWithItsTraceId()
    {
        using var response = await _suite.Http.GetAsync(new Uri("/nowhere", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(404, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Equal(32, problem.RootElement.GetProperty("traceId").GetString()!.Length);
    }

    private async Task PutAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _suite.Http.PutAsync(new Uri(path, UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, HttpStatusCode expected)
    {
        HttpResponseMessage? response = null;
        await Eventually.HoldsAsync(async () => (response = await _suite.Http.GetAsync(new Uri(path, UriKind.Relative))).StatusCode == expected);
        return response!;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        return await _suite.Http.SendAsync(request);
    }
}
