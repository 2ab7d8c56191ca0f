using Zilla.Config.Loading;
using Zilla.Config.Loading.Readers;
using Zilla.Config.Plans;
using Zilla.Config.Telemetry;
using Zilla.Config.Yaml;

namespace Zilla.Config.Tests.Loading;

/// <summary>Telemetry (reference §1.1, §3.5, §3.6), read whole although not all of it is built.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public void Read_Telemetry_ReplacesWildcardsAndKnowsDefaults()
    {
        var telemetry = TelemetryReader.Read(Reader("""
            attributes: {service.namespace: example}
            metrics: [http.*, stream.opens.received, http.duration]
            exporters:
              p: {type: prometheus, options: {endpoints: [{scheme: http, port: 7190}, {scheme: http, port: 7191, path: /m}]}}
              o:
                type: otlp
                options:
                  interval: 10
                  signals: [metrics]
                  endpoint: {location: 'https://collector:4318/base', overrides: {metrics: /m/v1}}
                  credentials: {headers: {authorization: secret}}
              s: {type: stdout}
            """, out var findings));

        Assert.False(findings.Any);
        Assert.Equal(["http.request.size", "http.response.size", "http.duration", "http.active.requests", "stream.opens.received"], telemetry.Metrics);
        Assert.Equal("example", telemetry.Attributes["service.namespace"]);
        Assert.Equal([(7190, "/metrics"), (7191, "/m")], Assert.IsType<PrometheusExporter>(telemetry.Exporters[0]).Endpoints.Select(endpoint => (endpoint.Port, endpoint.Path)));
        var otlp = Assert.IsType<OtlpExporter>(telemetry.Exporters[1]);
        Assert.Equal(("https://collector:4318/m/v1", "https://collector:4318/v1/logs"), (otlp.MetricsUrl.ToString(), otlp.LogsUrl.ToString()));
        Assert.Equal((10, true, false, "secret"), (otlp.Interval.TotalSeconds, otlp.Metrics, otlp.Logs, otlp.Authorization));
        Assert.DoesNotContain("secret", otlp.ToString(), StringComparison.Ordinal);
        Assert.Equal("s", Assert.IsType<StdoutExporter>(telemetry.Exporters[2]).Name);
    }

    [Theory]
    [InlineData("http.duration", 1)]
    [InlineData("http.*", 4)]
    [InlineData("grpc.*", 6)]
    [InlineData("stream.*", 10)]
    [InlineData("stream.*.sent", 5)]
    [InlineData("mcp.*", 14)]
    [InlineData("engine.*", 3)]
    [InlineData("*", 37)]
    [InlineData("kafka.*", 0)]
    [InlineData("http", 0)]
    public void Matching_Pattern_IsTheNamesItStandsFor(string pattern, int count) => Assert.Equal(count, MetricNames.Matching(pattern).Count);

    [Theory]
    [InlineData("metrics: [http.durations]", "there is no metric 'http.durations'; did you mean 'http.duration'?")]
    [InlineData("metrics: [mqtt.*]", "there is no metric 'mqtt.*'")]
    [InlineData("exporters: {e: {type: prometheus}}", "'endpoints' is missing")]
    [InlineData("exporters: {e: {type: prometheus, options: {endpoints: [{port: 1}]}}}", "'scheme' is missing")]
    [InlineData("exporters: {e: {type: prometheus, options: {endpoints: [{scheme: https, port: 1}]}}}", "'https' is none of http; did you mean 'http'?")]
    [InlineData("exporters: {e: {type: prometheus, options: {endpoints: [{scheme: http}]}}}", "'port' is missing")]
    [InlineData("exporters: {e: {type: prometheus, options: {endpoints: [{scheme: http, port: 1, path: m}]}}}", "a path starts with '/', found 'm'")]
    [InlineData("exporters: {e: {type: otlp}}", "'endpoint' is missing")]
    [InlineData("exporters: {e: {type: otlp, options: {endpoint: {}}}}", "'location' is missing")]
    [InlineData("exporters: {e: {type: otlp, options: {signals: [traces], endpoint: {location: 'http://c'}}}}", "'traces' is none of metrics, logs")]
    [InlineData("exporters: {e: {type: otlp, vault: v, options: {endpoint: {location: 'http://c'}}}}", "no vault is named 'v'")]
    [InlineData("exporters: {e: {type: otlp, options: {endpoint: {location: 'https://c'}, tls: {trust: [ca]}}}}", "'vault' is missing")]
    [InlineData("exporters: {e: {type: otlp, options: {endpoint: {location: 'http://c'}, tls: {trustcacerts: true}}}}", "'tls' is for https URLs")]
    [InlineData("exporters: {e: {type: otlp, options: {intervall: 1, endpoint: {location: 'http://c'}}}}", "unknown key 'intervall'; did you mean 'interval'?")]
    public void Load_Telemetry_Mistake_IsReported(string telemetry, string mistake) => Assert.Equal(
        [mistake],
        Loader.Load($"name: test\ntelemetry: {{{telemetry}}}\n").Errors.Select(error => error.Message).Where(message => !message.EndsWith("is not supported yet", StringComparison.Ordinal)));

    [Fact]
    public void Load_TelemetryOfABinding_IsRead_OfOneThatIsNotBuiltToo() => Assert.Equal(
        [
            "4:13 bindings.a.type: the binding type 'amqp' with kind 'server' is not supported yet",
            "4:63 bindings.a.telemetry.metrics[1]: there is no metric 'steam.*'; did you mean 'stream.*'?",
            "5:60 bindings.b.telemetry.attributes.m: '${' without '}'",
        ],
        Loader.Mistakes("name: test\ntelemetry: {}\nbindings:\n  a: {type: amqp, kind: server, telemetry: {metrics: [http.*, steam.*]}}\n"
            + "  b: {type: tcp, kind: client, telemetry: {attributes: {m: '${http.request.method'}}}\n"));

    [Theory]
    [InlineData("http", "test", null)]
    [InlineData("http", "${http.request.method}", null)]
    [InlineData("http", "${http.response.status}", null)]
    [InlineData("http", "${http.request.x-tenant}", null)]
    [InlineData("http", "to ${http.request.path}", "expected a text, or nothing but one expression such as ${http.request.method} or ${http.response.status}")]
    [InlineData("http", "${grpc.request.method}", "expected a text, or nothing but one expression such as ${http.request.method} or ${http.response.status}")]
    [InlineData("http", "${http.request.}", "expected a text, or nothing but one expression such as ${http.request.method} or ${http.response.status}")]
    [InlineData("http", "${http.request.method", "'${' without '}'")]
    [InlineData("tcp", "test", null)]
    [InlineData("tcp", "${http.request.method}", "there are requests and responses of http bindings only")]
    public void Load_AttributeOfABinding(string type, string value, string? mistake) => Assert.Equal(
        mistake is null ? [] : [mistake],
        Loader.Load($"name: test\nbindings:\n  a: {{type: {type}, kind: server, telemetry: {{attributes: {{m: '{value}'}}}}}}\n").Errors
            .Where(error => error.Path == "bindings.a.telemetry.attributes.m").Select(error => error.Message));

    [Fact]
    public void Load_OtlpExporter_IsInEveryPlan()
    {
        var configuration = Loader.LoadValid("""
            name: test
            telemetry: {attributes: {a: b}, exporters: {o: {type: otlp, options: {endpoint: {location: 'http://c:4318'}, credentials: {headers: {authorization: secret}}}}}}
            """);

        Assert.All(PlanCompiler.Compile(configuration, 1).Values.Select(plan => PlanJson.Deserialize(PlanJson.Serialize(plan)).Otlp!), otlp =>
        {
            Assert.Equal("b", otlp.Attributes["a"]);
            var exporter = Assert.Single(otlp.Exporters);
            Assert.Equal(("http://c:4318/v1/metrics", "http://c:4318/v1/logs", true, true, 30, "secret"), (exporter.MetricsUrl.ToString(), exporter.LogsUrl.ToString(), exporter.Metrics, exporter.Logs, exporter.Interval.TotalSeconds, exporter.Authorization));
        });
    }

    [Fact]
    public void Load_PrometheusExporter_WhereNoEdgeHasAnythingToDo_IsTheHttpEdges()
    {
        var configuration = Loader.LoadValid("name: test\ntelemetry: {attributes: {a: b}, exporters: {p: {type: prometheus, options: {endpoints: [{scheme: http, port: 7190}]}}}}\n");

        var plans = PlanCompiler.Compile(configuration, 1);

        var metrics = PlanJson.Deserialize(PlanJson.Serialize(plans[ServiceNames.EdgeHttp])).Metrics!;
        Assert.Equal(("b", new PrometheusEndpoint { Port = 7190 }), (metrics.Attributes["a"], Assert.Single(metrics.Endpoints)));
        Assert.All(plans.Where(plan => plan.Key != ServiceNames.EdgeHttp), plan => Assert.Null(plan.Value.Metrics));
    }

    [Theory]
    [InlineData(ServiceNames.EdgeMqtt, "mqtt")]
    [InlineData(ServiceNames.EdgeGrpc, "grpc")]
    [InlineData(ServiceNames.EdgeGrpc, "mqtt", "grpc")]
    [InlineData(ServiceNames.EdgeHttp, "mqtt", "grpc", "echo")]
    [InlineData(ServiceNames.EdgeGrpc, "calls")]
    [InlineData(ServiceNames.EdgeMqtt, "calls", "mqtt")]
    public void Load_PrometheusExporter_IsInThePlanOfTheFirstEdgeThatClientsReach_Alone(string expected, params string[] served)
    {
        var bindings = new Dictionary<string, string>
        {
            ["mqtt"] = """
                  tcp1: {type: tcp, kind: server, options: {port: 1883}, exit: mqtt1}
                  mqtt1: {type: mqtt, kind: server, exit: map1}
                  map1: {type: mqtt-kafka, kind: proxy, options: {topics: {sessions: s, messages: m, retained: r}}, exit: client0}

                """,
            ["grpc"] = """
                  tcp2: {type: tcp, kind: server, options: {port: 7151}, exit: http2}
                  http2: {type: http, kind: server, exit: grpc2}
                  grpc2: {type: grpc, kind: server, catalog: {c: [{subject: s}]}, exit: map2}
                  map2: {type: grpc-kafka, kind: proxy, routes: [{with: {capability: fetch, topic: t}, exit: client0}]}

                """,
            ["echo"] = """
                  tcp3: {type: tcp, kind: server, options: {port: 7114}, exit: echo3}
                  echo3: {type: echo, kind: server}

                """,
            ["calls"] = """
                  calls4: {type: kafka-grpc, kind: remote_server, entry: client0, routes: [{when: [{topic: a, reply-to: b}], exit: grpc4}]}
                  grpc4: {type: grpc, kind: client, exit: http4}
                  http4: {type: http, kind: client, exit: tcp4}
                  tcp4: {type: tcp, kind: client, options: {host: localhost, port: 50051}}

                """,
        };
        var configuration = Loader.LoadValid("""
            name: test
            telemetry: {exporters: {p: {type: prometheus, options: {endpoints: [{scheme: http, port: 7190}]}}}}
            catalogs: {c: {type: inline, options: {subjects: {s: {schema: "syntax = \"proto3\"; service Echo { rpc Say(W) returns (W); } message W {}"}}}}}
            bindings:
              client0: {type: kafka, kind: cache_client, exit: server0}
              server0: {type: kafka, kind: cache_server, exit: kafka0}
              kafka0: {type: kafka, kind: client, options: {servers: ["127.0.0.1:9092"]}, exit: tcp0}
              tcp0: {type: tcp, kind: client}

            """ + string.Concat(served.Select(edge => bindings[edge])));

        Assert.Equal([expected], PlanCompiler.Compile(configuration, 1).Where(plan => plan.Value.Metrics is not null).Select(plan => plan.Key));
    }

    [Fact]
    public void Load_PrometheusExporter_OnThePortOfAListener_IsAMistake() => Assert.Equal(
        ["2:90 telemetry.exporters.p.options.endpoints[0].port: port 7190 is taken by 'a' already"],
        Loader.Mistakes("name: test\ntelemetry: {exporters: {p: {type: prometheus, options: {endpoints: [{scheme: http, port: 7190}]}}}}\n"
            + "bindings:\n  a: {type: tcp, kind: server, options: {host: 0.0.0.0, port: 7190}, exit: b}\n  b: {type: echo, kind: server}\n"));

    private static MappingReader Reader(string yaml, out Findings findings)
    {
        findings = new Findings();
        var node = Assert.IsType<YamlMapping>(YamlDocument.Read(yaml, (raw, _) => raw, (_, message) => Assert.Fail(message)));
        findings.LookUpIn(node);
        return new MappingReader(node, ConfigurationPath.Root, findings);
    }
}
