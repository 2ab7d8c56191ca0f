using System.Collections.Concurrent;
using System.Text;
using Grpc.Core;
using Zilla.Config.Bindings;
using Zilla.EdgeGrpc.Tests.Protos;
using Zilla.EdgeGrpc.Tests.Upstream;

namespace Zilla.EdgeGrpc.Tests.Proxy;

/// <summary>What an http client says to a service in place of what the client said (reference §2.4).</summary>
public sealed class OverridesTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Seen> _seen = [];
    private ThingsService _service = null!;

    public async Task InitializeAsync()
    {
        _service = await ThingsService.StartAsync();
        _service.BeforeAnswer = (_, context) =>
        {
            _seen.Enqueue(new Seen(context.Host, context.Method, context.RequestHeaders));
            return Task.CompletedTask;
        };
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Options_ReplaceWhatTheClientSays_AndAddWhatItDoesNot()
    {
        await using var gateway = await Gateway.ProxyAsync(_service.Port, http: http => http with
        {
            Overrides = new Dictionary<string, string> { [":authority"] = "things.example:81", [":method"] = "POST", [":scheme"] = "http", ["Tenant"] = "gateway", ["user-agent"] = "mine/1", ["expires"] = "0", ["x-forwarded-for"] = "hidden" },
        });
        await gateway.Things.GetAsync(new Everything(), new Metadata { { "tenant", "a" }, { "tenant", "b" }, { "other", "c" } });
        Assert.True(_seen.TryDequeue(out var call));
        Assert.Equal("things.example:81", call.Host);
        Assert.Equal(["gateway"], All(call, "tenant"));
        Assert.Equal(["hidden"], All(call, "x-forwarded-for"));
        Assert.Equal(("c", "mine/1", "0"), (Single(call, "other"), Single(call, "user-agent"), Single(call, "expires")));
    }

    [Fact]
    public async Task Options_HoldForJsonToo()
    {
        await using var gateway = await Gateway.ProxyAsync(_service.Port, http: http => http with { Overrides = new Dictionary<string, string> { ["tenant"] = "gateway" } });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{gateway.Address}/zilla.tests.Things/Get") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("tenant", "mine");
        using var answer = await gateway.Http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        Assert.True(_seen.TryDequeue(out var call));
        Assert.Equal(["gateway"], All(call, "tenant"));
    }

    [Fact]
    public async Task Routes_TakeCallsByTheirHeaders_AndSayWhatTheirPathsBind()
    {
        await using var gateway = await Gateway.ProxyAsync(_service.Port, http: http => http with
        {
            Overrides = new Dictionary<string, string> { ["by"] = "binding", ["always"] = "1" },
            Routes =
            [
                new()
                {
                    Exit = "tcp-client",
                    When = [When("/nothing/{method}", "moved-*"), When("/zilla.tests.Things/{method}", "moved-*")],
                    Overrides = new Dictionary<string, string> { [":path"] = "/zilla.tests.Things/Get", ["was"] = "<${params.method}>", ["by"] = "route" },
                },
            ],
        });

        using var moved = gateway.Things.Upload(new Metadata { { "tenant", "moved-1" } });
        await moved.RequestStream.WriteAsync(new Everything { AString = "x" });
        await moved.RequestStream.CompleteAsync();
        Assert.Equal("x", (await moved.ResponseAsync).AString);
        await gateway.Things.GetAsync(new Everything(), new Metadata { { "tenant", "at-home" } });

        Assert.True(_seen.TryDequeue(out var first));
        Assert.Equal(("/zilla.tests.Things/Get", "<Upload>", "route", "1"), (first.Method, Single(first, "was"), Single(first, "by"), Single(first, "always")));
        Assert.True(_seen.TryDequeue(out var second));
        Assert.Equal((0, "binding", "1"), (All(second, "was").Count, Single(second, "by"), Single(second, "always")));

        static HttpCondition When(string path, string tenant) => new() { Headers = new Dictionary<string, string> { [":path"] = path, ["tenant"] = tenant } };
    }

    [Fact]
    public async Task Routes_ThatTakeACall_NoneOfThem_AndNoExit_LeaveItUnimplemented()
    {
        await using var gateway = await Gateway.ProxyAsync(_service.Port, http: http => http with
        {
            Exit = null,
            Routes = [new() { Exit = "tcp-client", When = [new() { Headers = new Dictionary<string, string> { ["tenant"] = "a" } }] }],
        });
        await gateway.Things.GetAsync(new Everything(), new Metadata { { "tenant", "a" } });
        var refused = await Assert.ThrowsAsync<RpcException>(() => gateway.Things.GetAsync(new Everything()).ResponseAsync);
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
    }

    private static List<string> All(Seen call, string name) => [.. call.Metadata.GetAll(name).Select(entry => entry.Value)];

    private static string Single(Seen call, string name) => Assert.Single(All(call, name));

    /// <summary>A call as it came to the service.</summary>
    private sealed record Seen(string Host, string Method, Metadata Metadata);
}
