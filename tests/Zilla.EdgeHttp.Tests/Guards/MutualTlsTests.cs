using Zilla.Config.Bindings;
using Zilla.Config.Guards;
using Zilla.EdgeHttp.Tests.Tls;
using Zilla.Testing;

namespace Zilla.EdgeHttp.Tests.Guards;

/// <summary>An x509 guard, which knows clients by the certificates of mutual TLS.</summary>
public sealed class MutualTlsTests
{
    private const string Ok = "HTTP/1.1 200 OK";
    private const string NotFound = "HTTP/1.1 404 Not Found";

    private static readonly X509Guard Guard = new()
    {
        Name = "peers",
        Identity = "subject.cn",
        Roles = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>
        {
            ["reader"] = [new Dictionary<string, string> { ["san.dns"] = "*.readers.example" }],
        },
    };

    private static readonly TlsServerBinding Tls = TlsGateway.Binding with { Trust = ["CA"], TrustCaCerts = false, Mutual = TlsMutual.Requested, Guard = "peers" };

    private static readonly HttpServerBinding Http = new()
    {
        Name = "http",
        Routes = [new HttpRoute { Exit = "rest", Guarded = new Dictionary<string, IReadOnlyList<string>> { ["peers"] = ["reader"] } }],
    };

    private static readonly HttpKafkaBinding Rest = new()
    {
        Name = "rest",
        Routes = [new HttpKafkaRoute { Exit = "cache", Fetch = new HttpKafkaFetch { Topic = "items", Filters = [new KafkaFilterConfig { Key = "${guarded['peers'].identity}" }] } }],
    };

    [Fact]
    public async Task Certificate_DecidesWhatAClientMayAndWhatItGets()
    {
        await using var tls = await StartAsync();
        tls.Gateway.Items.Append(0, "alice", "of alice");
        tls.Gateway.Items.Append(0, "", "of nobody");

        Assert.Equal(Ok, await GetAsync(tls, "alice", "a.readers.example"));
        Assert.Equal(NotFound, await GetAsync(tls, "bob", "b.readers.example")); // nothing of his there
        Assert.Equal(NotFound, await GetAsync(tls, "alice", "a.writers.example")); // not his role
        Assert.Equal(NotFound, await GetAsync(tls)); // nobody
        Assert.True(await tls.IsRefusedAsync("one.example", new TestAuthority("strangers").Issue("alice", "a.readers.example")));
    }

    [Fact]
    public async Task Connection_ThatIsOpen_HasTheGuardOfTheNewPlan()
    {
        await using var tls = await StartAsync();
        tls.Gateway.Items.Append(0, "alice", "of alice");
        await using var stream = await tls.ConnectAsync("one.example", certificate: tls.Clients.Issue("alice", "a.readers.example"));
        Assert.EndsWith("200 OK", await TlsGateway.HeadAsync(stream), StringComparison.Ordinal);

        tls.Gateway.Guards = [Guard with { Roles = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>() }];
        await tls.ApplyAsync(Tls, Http, Rest);

        Assert.Equal(NotFound, await TlsGateway.GetAsync(stream));
    }

    private static async Task<TlsGateway> StartAsync()
    {
        var tls = await TlsGateway.StartAsync(TlsGateway.Binding);
        tls.Gateway.Guards = [Guard];
        await tls.ApplyAsync(Tls, Http, Rest);
        return tls;
    }

    private static async Task<string> GetAsync(TlsGateway tls, params string[] names)
    {
        await using var stream = await tls.ConnectAsync("one.example", certificate: names.Length > 0 ? tls.Clients.Issue(names) : null);
        return await TlsGateway.GetAsync(stream);
    }
}
