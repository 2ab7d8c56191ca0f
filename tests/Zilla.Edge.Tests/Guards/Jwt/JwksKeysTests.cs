using System.Text.Json.Nodes;
using Zilla.Edge.Guards;
using Zilla.Edge.Guards.Jwt;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Guards.Jwt;

public sealed class JwksKeysTests : IAsyncLifetime
{
    private static readonly TestIssuer Issuer = new();

    private readonly ManualTime _time = new(TestIssuer.Now);
    private readonly CapturedLog _log = new();
    private readonly HttpClient _http = new();
    private JwksServer _server = null!;

    public async Task InitializeAsync() => _server = await JwksServer.StartAsync(Issuer.Keys);

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Get_ManyAtOnce_OneFetch()
    {
        var keys = Keys();

        var got = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => keys.GetAsync("rsa", CancellationToken.None).AsTask()));

        Assert.All(got, found => Assert.NotEmpty(found!.Find("rsa")));
        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public async Task Get_UnknownKey_FetchedAtMostOncePerInterval()
    {
        var keys = Keys();
        await keys.GetAsync("rsa", CancellationToken.None);
        _server.Body = new JsonObject { ["keys"] = new JsonArray(Issuer.RsaKey("new")) }.ToJsonString();

        Assert.Empty((await keys.GetAsync("new", CancellationToken.None))!.Find("new"));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty((await keys.GetAsync("any", CancellationToken.None))!.Find("new"));
        Assert.Equal(1, _server.Requests);

        _time.Advance(TimeSpan.FromSeconds(1));
        var rotated = await keys.GetAsync("new", CancellationToken.None);
        Assert.NotEmpty(rotated!.Find("new"));
        Assert.Empty(rotated.Find("rsa"));
        Assert.Equal(2, _server.Requests);
    }

    [Fact]
    public async Task Get_KeysGrownOld_ServedWhileNewerAreFetched()
    {
        var keys = Keys();
        await keys.GetAsync("rsa", CancellationToken.None);
        _server.Body = new JsonObject { ["keys"] = new JsonArray(Issuer.RsaKey("new")) }.ToJsonString();
        _time.Advance(TimeSpan.FromMinutes(11));

        Assert.NotEmpty((await keys.GetAsync("rsa", CancellationToken.None))!.Find("rsa"));

        await Eventually.HoldsAsync(async () => (await keys.GetAsync("new", CancellationToken.None))!.Find("new").Any());
        Assert.Equal(2, _server.Requests);
    }

    [Theory]
    [InlineData(500, "{}", "500")]
    [InlineData(200, "{", "no JWK set")]
    [InlineData(200, """{"keys":[]}""", "no RSA or EC key")]
    [InlineData(200, """{"keys":[{"kty":"oct","kid":"s","k":"c2VjcmV0"},{"kty":"EC","kid":"x","crv":"P-256","x":"AA","y":"AA"}]}""", "no RSA or EC key")]
    public async Task Get_UrlIsAway_KeysHeldStayInUse(int status, string body, string reason)
    {
        var keys = Keys();
        await keys.GetAsync("rsa", CancellationToken.None);
        (_server.Status, _server.Body) = (status, body);
        _time.Advance(TimeSpan.FromHours(5));

        Assert.NotEmpty((await keys.GetAsync("rsa", CancellationToken.None))!.Find("rsa"));
        await keys.FetchOnceAsync();

        Assert.NotEmpty((await keys.GetAsync("rsa", CancellationToken.None))!.Find("rsa"));
        Assert.Contains(reason, Assert.Single(_log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_NeverAnswered_NullThenKeysOnceItDoes()
    {
        var body = _server.Body;
        _server.Body = new string(' ', 2 << 20); // longer than is read
        var keys = Keys();

        Assert.Null(await keys.GetAsync("rsa", CancellationToken.None));
        _server.Body = body;
        Assert.Null(await keys.GetAsync("rsa", CancellationToken.None));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.NotEmpty((await keys.GetAsync("rsa", CancellationToken.None))!.Find("rsa"));
    }

    [Fact]
    public async Task Get_NoAnswerInTime_GivenUp()
    {
        _server.Hang = true;
        var keys = Keys();
        var pending = keys.GetAsync("rsa", CancellationToken.None).AsTask();
        await Eventually.HoldsAsync(() => _server.Requests == 1);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(await Eventually.CompletesAsync(pending));
        Assert.Contains("no answer in time", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    private JwksKeys Keys() => new(_server.Url, _http, new GuardOptions(), _time, _log);
}
