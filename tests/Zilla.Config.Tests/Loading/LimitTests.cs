using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary><c>options.limits</c>, which is ours.</summary>
public sealed class LimitTests
{
    private const string Rest = """
          files0: {type: http-filesystem, kind: proxy, routes: [{exit: fs0, with: {path: index.html}}]}
          fs0: {type: filesystem, kind: server, options: {location: www}}
          tls0: {type: tls, kind: server, vault: vault0, options: {keys: [one], trust: [ca], authorization: {peers: {credentials: {certificates: pem}}}}, exit: http0}
        guards:
          peers: {type: x509}
        vaults:
          vault0: {type: filesystem, options: {keys: {store: /k, type: pkcs12}, trust: {store: /t, type: pkcs12}}}

        """;

    [Fact]
    public void Load_Limits_GoIntoTheEdgesPlan()
    {
        var configuration = Loader.LoadValid("""
            name: test
            bindings:
              tcp0: {type: tcp, kind: server, options: {port: 7114, limits: {connections: 10000, connections-per-address: 100}}, exit: tls0}
              http0:
                type: http
                kind: server
                options:
                  limits:
                    rate: {requests: 100, per: 5m, burst: 200}
                    rate-per-address: {requests: 10}
                    rate-per-identity: {requests: 20, per: 1h}
                    concurrent-requests: 5000
                    event-streams: 6000
                exit: files0

            """ + Rest);

        var plan = PlanCompiler.Compile(configuration, 1)[ServiceNames.EdgeHttp];
        var limits = plan.Bindings.OfType<HttpServerBinding>().Single().Limits!;

        Assert.Equal(new RateLimit { Requests = 100, Per = TimeSpan.FromMinutes(5), Burst = 200 }, limits.Rate);
        Assert.Equal(new RateLimit { Requests = 10, Per = TimeSpan.FromSeconds(1), Burst = null }, limits.RatePerAddress);
        Assert.Equal(new RateLimit { Requests = 20, Per = TimeSpan.FromHours(1) }, limits.RatePerIdentity);
        Assert.Equal(new ConnectionLimits { Connections = 10000, ConnectionsPerAddress = 100 }, plan.Listeners.Single().Limits);
        Assert.Equal((5000, 6000), (limits.ConcurrentRequests, limits.EventStreams));
    }

    [Theory]
    [InlineData("rat: {requests: 1}", "5:23 bindings.http0.options.limits.rat: unknown key 'rat'; did you mean 'rate'?")]
    [InlineData("rate: 5", "5:29 bindings.http0.options.limits.rate: expected a mapping, found '5'")]
    [InlineData("rate: {per: 1s}", "5:23 bindings.http0.options.limits.rate: 'requests' is missing")]
    [InlineData("rate: {requests: 0}", "5:40 bindings.http0.options.limits.rate.requests: expected a whole number from 1 to 1000000, found '0'")]
    [InlineData("rate: {requests: 1, burst: 0}", "5:50 bindings.http0.options.limits.rate.burst: expected a whole number from 1 to 1000000, found '0'")]
    [InlineData("rate: {requests: 1, per: 2h}", "5:48 bindings.http0.options.limits.rate.per: expected a time from 1s to 1h such as 1s, 30s or 5m, found '2h'")]
    [InlineData("rate: {requests: 1, per: 100}", "5:48 bindings.http0.options.limits.rate.per: expected a time from 1s to 1h such as 1s, 30s or 5m, found '100'")]
    [InlineData("rate: {requests: 1, per: 0s}", "5:48 bindings.http0.options.limits.rate.per: expected a time from 1s to 1h such as 1s, 30s or 5m, found '0s'")]
    [InlineData("rate: {requests: 1, bust: 2}", "5:43 bindings.http0.options.limits.rate.bust: unknown key 'bust'; did you mean 'burst'?")]
    [InlineData("concurrent-requests: many", "5:44 bindings.http0.options.limits.concurrent-requests: expected a whole number from 1 to 2147483647, found 'many'")]
    [InlineData("connections: 1", "5:23 bindings.http0.options.limits.connections: unknown key 'connections'; known here: concurrent-requests, event-streams, rate, rate-per-address, rate-per-identity")]
    public void Load_BadRequestLimit_SaysWhatAndWhere(string limits, string expected) =>
        Assert.Equal([expected], Loader.Mistakes("name: test\nbindings:\n  http0:\n    {type: http, kind: server, exit: files0, options:\n            {limits: {" + limits + "}}}\n" + Rest));

    [Theory]
    [InlineData("connections: 0", "3:79 bindings.tcp0.options.limits.connections: expected a whole number from 1 to 2147483647, found '0'")]
    [InlineData("connection: 1", "3:66 bindings.tcp0.options.limits.connection: unknown key 'connection'; did you mean 'connections'?")]
    [InlineData("rate: {}", "3:66 bindings.tcp0.options.limits.rate: unknown key 'rate'; known here: connections, connections-per-address")]
    public void Load_BadConnectionLimit_SaysWhatAndWhere(string limits, string expected) =>
        Assert.Equal([expected], Loader.Mistakes("name: test\nbindings:\n  tcp0: {type: tcp, kind: server, options: {port: 7114, limits: {" + limits + "}}, exit: http0}\n  http0: {type: http, kind: server, exit: files0}\n" + Rest));

    [Fact]
    public void Load_RatePerIdentity_NobodySaysWhoClientsAre_IsAMistake() => Assert.Equal(
        ["4:70 bindings.http1.options.limits.rate-per-identity: nobody says who a client is: 'rate-per-identity' needs 'authorization', here or of the tls server before it"],
        Loader.Mistakes("""
            name: test
            bindings:
              http0: {type: http, kind: server, options: {limits: {rate-per-identity: {requests: 1}}}, exit: files0}
              http1: {type: http, kind: server, exit: files0, options: {limits: {rate-per-identity: {requests: 1}}}}

            """ + Rest));
}
