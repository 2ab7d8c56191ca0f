using System.Net.Http.Headers;
using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.Edge.Tests.Guards;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Guards;

/// <summary>The gateway with a guard <c>jwt</c> on its http server, whose clock stands at <see cref="TestIssuer.Now"/>.</summary>
internal sealed class GuardedGateway : IAsyncDisposable
{
    private GuardedGateway(Gateway gateway, ManualTime time, JwksServer keys) => (Gateway, Time, Keys) = (gateway, time, keys);

    public static TestIssuer Issuer { get; } = new();

    public static JwtGuard Guard { get; } = new()
    {
        Name = "jwt",
        Issuer = TestIssuer.Issuer,
        Audience = TestIssuer.Audience,
        Challenge = TimeSpan.FromMinutes(5),
        Attributes = new Dictionary<string, string> { ["tenant"] = "org.tenant" },
    };

    public static HttpServerBinding Http { get; } = new()
    {
        Name = "http",
        Authorization = new HttpAuthorization
        {
            Guard = "jwt",
            Headers = new Dictionary<string, string> { ["authorization"] = "Bearer {credentials}" },
            Query = new Dictionary<string, string> { ["access_token"] = "{credentials}" },
            Cookies = new Dictionary<string, string> { ["session"] = "{credentials}" },
        },
    };

    public Gateway Gateway { get; }
    public ManualTime Time { get; }
    public JwksServer Keys { get; }

    public static async Task<GuardedGateway> StartAsync(params BindingConfig[] bindings)
    {
        var time = new ManualTime(TestIssuer.Now);
        var keys = await JwksServer.StartAsync(Issuer.Keys);
        var gateway = await Gateway.StartAsync(time, new Dictionary<string, string?> { ["Zilla:Edge:Guards:ClockSkew"] = "00:00:02", ["Zilla:Edge:Http:SseKeepAlive"] = "10.00:00:00" });
        _ = gateway.Items; // the topic exists
        gateway.Guards = [Guard with { KeysUrl = keys.Url }];
        await gateway.ApplyAsync([gateway.Port], bindings);
        return new GuardedGateway(gateway, time, keys);
    }

    public static HttpRoute Route(string exit, string path, params string[] roles) => Open(exit, path) with { Guarded = Roles(roles) };

    public static HttpRoute Open(string exit, string path) => new() { Exit = exit, When = [new() { Headers = new Dictionary<string, string> { [":path"] = path } }] };

    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Roles(params string[] roles) => new Dictionary<string, IReadOnlyList<string>> { ["jwt"] = roles };

    public Task<HttpResponseMessage> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, string? type = null, HttpClient? client = null)
    {
        using var request = Request(client ?? Gateway.Client, method, path, token);
        if (type is not null)
        {
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        return await (client ?? Gateway.Client).SendAsync(request);
    }

    public static HttpRequestMessage Request(HttpClient client, HttpMethod method, string path, string? token)
    {
        var request = new HttpRequestMessage(method, path) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return request;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Keys.DisposeAsync();
    }
}
