using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Zilla.Testing;

namespace Zilla.Control.Tests;

/// <summary><c>PUT /config</c> and <c>GET /config</c>: who may, what it changes, what wins.</summary>
public sealed class PutTests : IDisposable
{
    private const string Token = "Authorization: Bearer s3cret";

    private readonly ControlPlace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Put_WithoutTheToken_IsRefused()
    {
        WholeFile.Write(_place.Config, Text(7114));
        await using (var control = await StartAsync(token: null))
        {
            using var disabled = await control.SendAsync(HttpMethod.Put, "/config", Text(7115), Token);
            Assert.Equal(HttpStatusCode.Forbidden, disabled.StatusCode);
            Assert.Contains("Zilla__ConfigToken", (await ProblemAsync(disabled)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        await using (var control = await StartAsync())
        {
            foreach (var header in (string[])["X-None: x", "Authorization: Bearer wrong", "Authorization: Basic s3cret"])
            {
                using var unauthorized = await control.SendAsync(HttpMethod.Put, "/config", Text(7115), header);
                Assert.Equal((HttpStatusCode.Unauthorized, "Bearer"), (unauthorized.StatusCode, unauthorized.Headers.WwwAuthenticate.ToString()));
                Assert.True((await ProblemAsync(unauthorized)).GetProperty("traceId").GetString()!.Length > 0);
            }

            Assert.Equal(1, await control.RevisionAsync());
        }
    }

    [Fact]
    public async Task Put_Good_IsTheNextRevisionEverywhere_AndSurvivesARestart()
    {
        WholeFile.Write(_place.Config, Text(7114));
        await using var edge = await EdgeProcess.StartAsync(_place.Grpc);
        await using (var control = await StartAsync())
        {
            await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 1);
            using var put = await control.SendAsync(HttpMethod.Put, "/config", Text(7115), Token);
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
            Assert.Equal(2, (await put.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("revision").GetInt64());
            await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 2);
            Assert.Equal(JsonValueKind.String, (await control.StatusAsync()).GetProperty("putAt").ValueKind);
        }

        // The file says what it said when the other was put.
        await using (var control = await StartAsync())
        {
            await Eventually.HoldsAsync(async () => await control.RevisionAsync() == 2);
            Assert.Equal((HttpStatusCode.OK, Text(7115)), await control.GetAsync("/config"));
            Assert.Equal(JsonValueKind.Null, (await control.StatusAsync()).GetProperty("problem").ValueKind);

            // A file that cannot be used changes nothing; one that says something else supersedes.
            WholeFile.Write(_place.Config, "name: [");
            await Eventually.HoldsAsync(async () => (await control.StatusAsync()).GetProperty("errors").GetArrayLength() == 1);
            Assert.Equal(2, await control.RevisionAsync());
        }

        await using (var control = await StartAsync())
        {
            await Eventually.HoldsAsync(async () => await control.RevisionAsync() == 2);
            Assert.Equal(1, (await control.StatusAsync()).GetProperty("errors").GetArrayLength());
            WholeFile.Write(_place.Config, Text(7116));
            await Eventually.HoldsAsync(async () => await control.RevisionAsync() == 3);
            Assert.Equal(JsonValueKind.Null, (await control.StatusAsync()).GetProperty("putAt").ValueKind);
            Assert.False(File.Exists(Path.Combine(_place.State, "control.put.json")));
            await Eventually.HoldsAsync(() => edge.Notes.Plans.Count == 3);
        }

        Assert.Equal([7114, 7115, 7116], edge.Notes.Plans.Select(plan => plan.Listeners.Single().Ports.Single()));
    }

    [Fact]
    public async Task Put_FileChangedWhileControlWasAway_LosesToTheFile()
    {
        WholeFile.Write(_place.Config, Text(7114));
        await using (var control = await StartAsync())
        {
            using var put = await control.SendAsync(HttpMethod.Put, "/config", Text(7115), Token);
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        }

        WholeFile.Write(_place.Config, Text(7116));
        await using (var control = await StartAsync())
        {
            await Eventually.HoldsAsync(async () => await control.RevisionAsync() == 3);
            Assert.Equal((HttpStatusCode.OK, Text(7116)), await control.GetAsync("/config"));
        }
    }

    [Fact]
    public async Task Put_InPlaceOfABadFile_IsInForceWithoutComplaint_AfterARestartToo()
    {
        WholeFile.Write(_place.Config, "name: [");
        await using (var control = await _place.StartAsync("s3cret"))
        {
            await Eventually.HoldsAsync(async () => (await control.StatusAsync()).GetProperty("errors").GetArrayLength() == 1);
            using var put = await control.SendAsync(HttpMethod.Put, "/config", Text(7115), Token);
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        }

        await using (var control = await StartAsync())
        {
            await Eventually.HoldsAsync(async () => (await control.StatusAsync()).GetProperty("problem").ValueKind == JsonValueKind.Null);
            Assert.Equal((HttpStatusCode.OK, Text(7115)), await control.GetAsync("/config"));
        }
    }

    [Fact]
    public async Task Put_Bad_ChangesNothingAndSaysEveryMistake()
    {
        WholeFile.Write(_place.Config, Text(7114));
        await using var control = await StartAsync();
        using var put = await control.SendAsync(HttpMethod.Put, "/config", "name: 1st\nbindngs: {}\n", Token);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, put.StatusCode);
        var problem = await ProblemAsync(put);
        Assert.Equal(422, problem.GetProperty("status").GetInt32());
        Assert.Equal(["1:7 name", "2:1 bindngs"], problem.GetProperty("errors").EnumerateArray()
            .Select(error => $"{error.GetProperty("line")}:{error.GetProperty("column")} {error.GetProperty("path")}"));
        var status = await control.StatusAsync();
        Assert.Equal((1, 2), (status.GetProperty("revision").GetInt64(), status.GetProperty("refusedPut").GetProperty("errors").GetArrayLength()));
        Assert.Equal((HttpStatusCode.OK, Text(7114)), await control.GetAsync("/config"));
        Assert.Contains("Healthy", (await control.GetAsync("/readyz")).Body, StringComparison.Ordinal);

        using var large = await control.SendAsync(HttpMethod.Put, "/config", new string('#', (4 * 1024 * 1024) + 1), Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task Put_IfMatch_ReplacesNothingElse()
    {
        WholeFile.Write(_place.Config, Text(7114));
        await using var control = await StartAsync();
        using var get = await control.SendAsync(HttpMethod.Get, "/config", null);
        var tag = get.Headers.ETag!.Tag;

        using var first = await control.SendAsync(HttpMethod.Put, "/config", Text(7115), Token, $"If-Match: {tag}");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var second = await control.SendAsync(HttpMethod.Put, "/config", Text(7116), Token, $"If-Match: {tag}");
        Assert.Equal(HttpStatusCode.PreconditionFailed, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal(2, await control.RevisionAsync());
    }

    [Fact]
    public async Task Get_WithTheToken_ShowsSecrets_SoThatTheyCanBePutAgain()
    {
        const string Guard = "guards:\n  g: {type: inline, options: {credentials: hush}}\n";
        WholeFile.Write(_place.Config, Text(7114) + Guard);
        await using var control = await StartAsync();
        Assert.Equal((HttpStatusCode.OK, Text(7114) + Guard.Replace("hush", "'***'", StringComparison.Ordinal)), await control.GetAsync("/config"));
        using var whole = await control.SendAsync(HttpMethod.Get, "/config", null, Token);
        Assert.Equal(Text(7114) + Guard, await whole.Content.ReadAsStringAsync());
        using var wrong = await control.SendAsync(HttpMethod.Get, "/config", null, "Authorization: Bearer wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);

        using var masked = await control.SendAsync(HttpMethod.Put, "/config", (await control.GetAsync("/config")).Body, Token);
        Assert.Equal("'***' stands for a secret that is not shown, and is none", (await ProblemAsync(masked)).GetProperty("errors")[0].GetProperty("message").GetString());
    }

    [Fact]
    public async Task Get_PreferWait_AnswersWhenThereIsSomethingNew()
    {
        WholeFile.Write(_place.Config, Text(7114));
        await using var control = await StartAsync();
        using var first = await control.SendAsync(HttpMethod.Get, "/config", null);
        var tag = $"If-None-Match: {first.Headers.ETag!.Tag}";
        using var same = await control.SendAsync(HttpMethod.Get, "/config", null, tag);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        using var late = await control.SendAsync(HttpMethod.Get, "/config", null, tag, "Prefer: wait=1");
        Assert.Equal((HttpStatusCode.NotModified, "wait=1"), (late.StatusCode, late.Headers.GetValues("Preference-Applied").Single()));

        var waiting = control.SendAsync(HttpMethod.Get, "/config", null, tag, "Prefer: wait=600");
        WholeFile.Write(_place.Config, Text(7115));
        using var changed = await waiting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((HttpStatusCode.OK, Text(7115)), (changed.StatusCode, await changed.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Watch_AnotherControl_FollowsAtOnce()
    {
        WholeFile.Write(_place.Config, Text(7114));
        await using var first = await StartAsync();
        await using var second = await ControlProcess.StartAsync($"http://127.0.0.1:{_place.Http}/config", FreePort.Next(), FreePort.Next(), poll: TimeSpan.FromHours(1));
        await Eventually.HoldsAsync(async () => await second.RevisionAsync() == 1);

        using var put = await first.SendAsync(HttpMethod.Put, "/config", Text(7115), Token);
        await Eventually.HoldsAsync(async () => (await second.GetAsync("/config")).Body == Text(7115));
        Assert.Equal(2, await second.RevisionAsync());
    }

    private async Task<ControlProcess> StartAsync(string? token = "s3cret")
    {
        var control = await _place.StartAsync(token);
        await Eventually.HoldsAsync(async () => await control.RevisionAsync() is not null);
        return control;
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static string Text(int port) => $$$"""
        name: test
        bindings:
          tcp_server: {type: tcp, kind: server, options: {host: 127.0.0.1, port: {{{port}}}}, exit: http_server}
          http_server: {type: http, kind: server, exit: http_files}
          http_files: {type: http-filesystem, kind: proxy, routes: [{exit: files, with: {path: index.html}}]}
          files: {type: filesystem, kind: server, options: {location: /}}

        """;
}
