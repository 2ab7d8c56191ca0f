using Zilla.Config.Bindings;
using Zilla.Config.Plans;
using Zilla.Config.Tests.Loading;

namespace Zilla.Config.Tests.Plans;

/// <summary>Which edge gets which listener.</summary>
public sealed class EdgePlanTests
{
    private const string Rest = """
          tls0: {type: tls, kind: server, vault: vault0, options: {keys: [one]}, exit: mqtt0}
          proxy0: {type: proxy, kind: server, exit: tls0}
          http0: {type: http, kind: server, exit: sse0}
          sse0: {type: sse, kind: server, exit: map1}
          map1: {type: sse-kafka, kind: proxy, routes: [{exit: client1, with: {topic: t}}]}
          http1: {type: http, kind: server, routes: [{exit: ws0, when: [{headers: {upgrade: websocket}}]}]}
          ws0: {type: ws, kind: server, routes: [{exit: mqtt0, when: [{protocol: mqtt}]}]}
          mqtt0: {type: mqtt, kind: server, exit: map0}
          map0: {type: mqtt-kafka, kind: proxy, options: {topics: {sessions: s, messages: m, retained: r}}, exit: client0}
          client0: {type: kafka, kind: cache_client, exit: server0}
          client1: {type: kafka, kind: cache_client, exit: server0}
          server0: {type: kafka, kind: cache_server, exit: kafka0}
          kafka0: {type: kafka, kind: client, options: {servers: ['h:1']}, exit: tcp9}
          tcp9: {type: tcp, kind: client}
          echo0: {type: echo, kind: server}
        vaults:
          vault0: {type: filesystem, options: {keys: {store: /k, type: pkcs12}}}
        guards:
          jwt0: {type: jwt, options: {issuer: https://i}}

        """;

    [Theory]
    [InlineData("mqtt0", "map0 mqtt0")]
    [InlineData("proxy0", "map0 mqtt0 proxy0 tls0")]
    [InlineData("http1", "http1 map0 mqtt0 ws0")]
    public void Compile_ListenerThatLeadsToMqtt_IsTheMqttEdges(string exit, string bindings)
    {
        var plans = Compile($"  tcp0: {{type: tcp, kind: server, options: {{port: 1883, limits: {{connections: 9}}}}, exit: {exit}}}\n");

        var plan = plans[ServiceNames.EdgeMqtt];
        Assert.Empty(plans[ServiceNames.EdgeHttp].Listeners);
        Assert.Equal(("tcp0", "0.0.0.0", 1883, 9), (plan.Listeners.Single().Binding, plan.Listeners.Single().Host, plan.Listeners.Single().Ports.Single(), plan.Listeners.Single().Limits!.Connections));
        Assert.Equal([.. bindings.Split(' '), "client0", "tcp0"], plan.Bindings.Select(binding => binding.Name).Order(StringComparer.Ordinal).OrderBy(name => name is "client0" or "tcp0"));
        Assert.Equal(("client0", "server0"), (plan.Clusters.Single().Key, plan.Clusters.Single().Value));
        Assert.Equal("jwt0", plan.Guards.Single().Name);
        Assert.Equal(exit == "proxy0" ? 1 : 0, plan.Vaults.Count);
    }

    [Fact]
    public void Compile_SessionsOfACluster_AreTheCaches()
    {
        var cluster = Compile("")[ServiceNames.KafkaCache].CachedClusters.Single();

        Assert.Equal(new SessionsPlan { Namespace = "test", Binding = "map0", SessionsTopic = "s", MessagesTopic = "m", RetainedTopic = "r" }, cluster.Sessions.Single());
    }

    [Fact]
    public void Compile_PortsOfTwoProtocols_GoToTwoEdges()
    {
        var plans = Compile("""
              tcp0:
                type: tcp
                kind: server
                options: {port: [7114, 1883, 1884, 7000]}
                routes: [{exit: mqtt0, when: [{port: 1883-1884}]}, {exit: http0, when: [{port: 7114}]}]

            """);

        var (http, mqtt) = (plans[ServiceNames.EdgeHttp], plans[ServiceNames.EdgeMqtt]);
        Assert.Equal([7114], http.Listeners.Single().Ports);
        Assert.Equal([1883, 1884, 7000], mqtt.Listeners.Single().Ports); // nothing follows 7000: whoever opens it refuses
        Assert.Equal("http0", Tcp(http).Routes.Single().Exit);
        Assert.Equal(("mqtt0", "1883 1884 7000"), (Tcp(mqtt).Routes.Single().Exit, string.Join(' ', Tcp(mqtt).Ports)));
        Assert.DoesNotContain(http.Bindings, binding => binding is MqttServerBinding);
        Assert.DoesNotContain(mqtt.Bindings, binding => binding is HttpServerBinding);
    }

    [Fact]
    public void Compile_RestOfThePorts_GoWithTheExit()
    {
        var plans = Compile("  tcp0: {type: tcp, kind: server, options: {port: [1, 2, 3]}, exit: http0, routes: [{exit: mqtt0, when: [{port: 2}]}]}\n");

        var (http, mqtt) = (Tcp(plans[ServiceNames.EdgeHttp]), Tcp(plans[ServiceNames.EdgeMqtt]));
        Assert.Equal(("1 3", "http0", 0), (string.Join(' ', http.Ports), http.Exit, http.Routes.Count));
        Assert.Equal(("2", null, 1), (string.Join(' ', mqtt.Ports), mqtt.Exit, mqtt.Routes.Count));
    }

    [Theory]
    [InlineData("  tls1: {type: tls, kind: server, vault: vault0, options: {keys: [one]}, routes: [{exit: mqtt0, when: [{alpn: mqtt}]}], exit: http0}\n", "tls1", "'sse0', a sse server, and to 'mqtt0', a mqtt server")]
    [InlineData("  http2: {type: http, kind: server, routes: [{exit: ws0, when: [{headers: {':path': /mqtt}}]}], exit: sse0}\n", "http2", "'sse0', a sse server, and to 'ws0', a ws server")]
    public void Load_OneConnectionForTwoEdges_IsNotSupportedYet(string binding, string exit, string expected) => Assert.Equal(
        [$"3:61 bindings.tcp0.exit: a listener that leads to {expected}, is not supported yet: give each a port of its own"],
        Loader.Mistakes($"name: test\nbindings:\n  tcp0: {{type: tcp, kind: server, options: {{port: 1}}, exit: {exit}}}\n" + binding + Rest));

    [Theory]
    [InlineData("  http2: {type: http, kind: server, routes: [{exit: grpc0, when: [{headers: {':path': /a.B/*}}]}], exit: sse0}\n", "http2")]
    [InlineData("  tls2: {type: tls, kind: server, vault: vault0, options: {keys: [one]}, routes: [{exit: http2, when: [{authority: g.example}]}], exit: http0}\n  http2: {type: http, kind: server, exit: grpc0}\n", "tls2")]
    public void Compile_PortThatHttpAndGrpcShare_IsTheHttpEdges_WhichHandsCallsOver(string bindings, string exit)
    {
        var plans = Compile($"  tcp0: {{type: tcp, kind: server, options: {{port: 7114}}, exit: {exit}}}\n" + bindings + """
              grpc0: {type: grpc, kind: server, catalog: {protos: [{subject: a}]}, exit: map2}
              map2: {type: grpc-kafka, kind: proxy, routes: [{exit: client0, with: {capability: fetch, topic: t}}]}

            """, Catalog);

        var (http, grpc) = (plans[ServiceNames.EdgeHttp], plans[ServiceNames.EdgeGrpc]);
        Assert.Equal([7114], http.Listeners.Single().Ports);
        Assert.Null(http.Handovers);
        Assert.Equal(("grpc0", true), http.Bindings.OfType<GrpcServerBinding>().Select(binding => (binding.Name, binding.Descriptors.IsEmpty)).Single());
        Assert.DoesNotContain(http.Bindings, binding => binding is GrpcKafkaBinding);
        Assert.Empty(grpc.Listeners);
        Assert.Equal(["grpc0"], grpc.Handovers!);
        Assert.Equal(["client0", "grpc0", "map2"], grpc.Bindings.Select(binding => binding.Name).Order());
        Assert.False(grpc.Bindings.OfType<GrpcServerBinding>().Single().Descriptors.IsEmpty);
    }

    private const string Catalog = "catalogs:\n  protos: {type: inline, options: {subjects: {a: {schema: 'syntax = \"proto3\"; package a; message M {} service B { rpc C(M) returns (stream M); }'}}}}\n";

    private static IReadOnlyDictionary<string, ServicePlan> Compile(string bindings, string more) => PlanCompiler.Compile(Loader.LoadValid("name: test\nbindings:\n" + bindings + Rest + more), 1);

    private static IReadOnlyDictionary<string, ServicePlan> Compile(string bindings) => PlanCompiler.Compile(Loader.LoadValid("name: test\nbindings:\n" + bindings + Rest), 1);

    private static TcpServerBinding Tcp(ServicePlan plan) => plan.Bindings.OfType<TcpServerBinding>().Single();
}
