using Zilla.Config.Bindings;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary>Spellings of both dialects (reference §0), and what else a valid file can say.</summary>
public sealed class DialectTests
{
    private const string Kafka = "  client0: {type: kafka, kind: cache_client, exit: server0}\n  server0: {type: kafka, kind: cache_server, exit: kafka0}\n  tcp0: {type: tcp, kind: client}\n";

    [Fact]
    public void Load_TopicsOnTheKafkaClient_LimitTheCluster()
    {
        // 1.x has them on the client; 2.x on the cache kinds alone.
        var configuration = Loader.LoadValid("name: test\nbindings:\n" + Kafka
            + "  kafka0: {type: kafka, kind: client, options: {servers: ['h:1']}, routes: [{exit: tcp0, when: [{topic: a}, {topic: 'b-*'}]}]}\n");

        Assert.Equal(["a", "b-*"], PlanCompiler.Compile(configuration, 1)[ServiceNames.KafkaCache].CachedClusters.Single().AllowedTopics);
    }

    [Fact]
    public void Load_ServersOnTheTcpClient_AreTheClusters()
    {
        var configuration = Loader.LoadValid("name: test\nbindings:\n" + Kafka.Replace("kind: client}", "kind: client, options: {host: broker.example, port: 9092}}", StringComparison.Ordinal)
            + "  kafka0: {type: kafka, kind: client, exit: tcp0}\n");

        Assert.Equal(["broker.example:9092"], PlanCompiler.Compile(configuration, 1)[ServiceNames.KafkaCache].CachedClusters.Single().Servers);
    }

    [Fact]
    public void Load_NoServersAnywhere_IsAMistake() => Assert.Equal(
        ["6:3 bindings.kafka0: kafka client 'kafka0' has no 'servers'"],
        Loader.Mistakes("name: test\nbindings:\n" + Kafka + "  kafka0: {type: kafka, kind: client, exit: tcp0}\n"));

    [Theory]
    [InlineData("7114", new[] { 7114 })]
    [InlineData("'7114'", new[] { 7114 })]
    [InlineData("7000-7002", new[] { 7000, 7001, 7002 })]
    [InlineData("[80, '8080-8081']", new[] { 80, 8080, 8081 })]
    [InlineData("'${{env.PORT}}'", new[] { 9999 })]
    public void Load_Ports_InEveryForm(string written, int[] ports)
    {
        var configuration = Loader.LoadValid($$$"""
            name: test
            bindings:
              listener0: {type: tcp, kind: server, options: {port: {{{written}}}}, exit: http0}
              http0: {type: http, kind: server, exit: sse0}
              sse0: {type: sse, kind: server, options: {retry: 500}, exit: map0}
              map0: {type: sse-kafka, kind: proxy, routes: [{exit: client0, with: {topic: t}}]}
            """ + "\n" + Kafka + "  kafka0: {type: kafka, kind: client, options: {servers: ['h:1']}, exit: tcp0}\n", ("PORT", "9999"));

        var tcp = Assert.IsType<TcpServerBinding>(configuration.Bindings["listener0"]);
        Assert.Equal(ports, tcp.Ports);
        Assert.Equal("0.0.0.0", tcp.Host);
        Assert.Equal(TimeSpan.FromMilliseconds(500), Assert.IsType<SseServerBinding>(configuration.Bindings["sse0"]).Retry);
        Assert.False(Assert.IsType<SseKafkaBinding>(configuration.Bindings["map0"]).Routes[0].EventIdWithKey);
    }

    [Fact]
    public void Load_CrossOrigin_ReadsThePolicy()
    {
        var configuration = Loader.LoadValid("""
            name: test
            bindings:
              http0:
                type: http
                kind: server
                options:
                  versions: [h2]
                  access-control:
                    policy: cross-origin
                    allow: {origins: ['https://a.example'], methods: [GET], headers: [x-a], credentials: true}
                    max-age: 60
                    expose: {headers: [etag]}
                exit: files0
              files0: {type: http-filesystem, kind: proxy, routes: [{when: [{method: GET, path: '/{f}'}], exit: fs0, with: {path: '${params.f}'}}]}
              fs0: {type: filesystem, kind: server, options: {location: www, symlinks: ignore}}
            """);

        var http = Assert.IsType<HttpServerBinding>(configuration.Bindings["http0"]);
        Assert.Equal(["h2"], http.Versions);
        var policy = Assert.IsType<CrossOriginPolicy>(http.CrossOrigin);
        Assert.Equal((true, TimeSpan.FromSeconds(60), "https://a.example", "GET", "x-a", "etag"),
            (policy.AllowCredentials, policy.MaxAge, policy.AllowOrigins.Single(), policy.AllowMethods.Single(), policy.AllowHeaders.Single(), policy.ExposeHeaders.Single()));
        Assert.Equal("/etc/zilla/www", Assert.IsType<FilesystemBinding>(configuration.Bindings["fs0"]).Location);
    }

    [Fact]
    public void Load_ReplyTo_ReadsCorrelationAndAsync()
    {
        var configuration = Loader.LoadValid("""
            name: test
            bindings:
              map0:
                type: http-kafka
                kind: proxy
                options:
                  idempotency: {header: x-key}
                  correlation: {headers: {reply-to: x-reply-to, correlation-id: x-id}}
                routes:
                  - exit: client0
                    when: [{method: PUT, path: '/items/{id}'}, {method: GET, path: '/items/{id};cid={correlationId}'}]
                    with:
                      capability: produce
                      topic: requests
                      reply-to: replies-${params.id}
                      correlation-id: x-other
                      async: {location: '/items/${params.id};cid=${correlationId}'}
            """ + "\n" + Kafka + "  kafka0: {type: kafka, kind: client, options: {servers: ['h:1']}, exit: tcp0}\n");

        var binding = Assert.IsType<HttpKafkaBinding>(configuration.Bindings["map0"]);
        Assert.Equal(("x-key", "x-reply-to", "x-id"), (binding.IdempotencyHeader, binding.ReplyToHeader, binding.CorrelationIdHeader));
        var produce = binding.Routes.Single().Produce!;
        Assert.Equal(("replies-${params.id}", "x-other"), (produce.ReplyTo, produce.CorrelationIdHeader));
        Assert.Equal("/items/${params.id};cid=${correlationId}", produce.Async["location"]);
    }

    [Fact]
    public void Load_EnvironmentHoldingYaml_IsTextAllTheSame()
    {
        var result = Loader.Load("name: ${{env.NAME}}\n", ("NAME", "a\nbindings: {x: y}"));
        Assert.Equal("'${{env.NAME}}' is no name: letters first, then letters, digits, '.', '_' and '-'", result.Errors.Single().Message);

        Assert.Equal("test-${{env.B}}", Loader.LoadValid("name: test\nbindings: {fs0: {type: filesystem, kind: server, options: {location: '/${{env.A}}'}}}", ("A", "test-${{env.B}}"))
            .Bindings["fs0"] is FilesystemBinding { Location: var location } ? location[1..] : "");
    }

    [Fact]
    public void Load_StdoutExporter_IsWhatServicesDoAnyhow() =>
        Assert.Equal("test", Loader.LoadValid("name: test\ntelemetry:\n  exporters:\n    stdout_logs_exporter:\n      type: stdout\n").Name);

    [Fact]
    public void Load_Aliases_StandForTheirAnchors()
    {
        var configuration = Loader.LoadValid("name: test\nbindings:\n  a: &tcp {type: tcp, kind: client, options: {host: h, port: 1}}\n  b: *tcp\n");
        Assert.Equal(("a", "b"), (configuration.Bindings["a"].Name, configuration.Bindings["b"].Name));
    }
}
