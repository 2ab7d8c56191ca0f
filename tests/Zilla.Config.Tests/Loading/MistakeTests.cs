using Zilla.Config.Loading;

namespace Zilla.Config.Tests.Loading;

/// <summary>What is wrong with a file, and where. Each text is the whole file.</summary>
public sealed class MistakeTests
{
    private const string Tcp = "name: test\nbindings:\n  tcp0:\n    type: tcp\n    kind: server\n";
    private const string Http = "name: test\nbindings:\n  http0:\n    type: http\n    kind: server\n    exit: http0\n";
    private const string HttpKafka = "name: test\nbindings:\n  client0: {type: kafka, kind: cache_client, exit: server0}\n  server0: {type: kafka, kind: cache_server, exit: kafka0}\n"
        + "  kafka0: {type: kafka, kind: client, options: {servers: ['h:1']}, exit: tcp0}\n  tcp0: {type: tcp, kind: client}\n  map0:\n    type: http-kafka\n    kind: proxy\n";

    public static TheoryData<string, string> TheFile => new()
    {
        { "", "1:1 : the file is empty" },
        { "- a\n", "1:1 : expected a mapping, found a list" },
        { "name: [\n", "2:1 : not valid YAML: While parsing a node, did not find expected node content." },
        { "bindings: {}\n", "1:1 : 'name' is missing" },
        { "name: 1st\n", "1:7 name: '1st' is no name: letters first, then letters, digits, '.', '_' and '-'" },
        { "name: test\nbindngs: {}\n", "2:1 bindngs: unknown key 'bindngs'; did you mean 'bindings'?" },
        { "name: test\nbindings: tcp\n", "2:11 bindings: expected a mapping, found 'tcp'" },
        { "name: test\nbindings:\n  a b: {type: tcp, kind: client}\n", "3:3 bindings.a b: 'a b' is no name: letters first, then letters, digits, '.', '_' and '-'" },
        { "name: test\nbindings:\n  tcp0:\n", "3:3 bindings.tcp0: 'type' is missing" },
        { "name: test\nbindings:\n  tcp0: {type: tcp}\n", "3:3 bindings.tcp0: 'kind' is missing" },
        { "name: test\nbindings:\n  a: {type: htp, kind: server}\n", "3:13 bindings.a.type: there is no binding type 'htp'; did you mean 'http'?" },
        { "name: test\nbindings:\n  a: {type: kafka, kind: cacheclient}\n", "3:26 bindings.a.kind: 'cacheclient' is no kind of kafka binding: cache_client, cache_server, client; did you mean 'cache_client'?" },
        { "name: test\nbindings:\n  a: {type: amqp, kind: server, options: {anything: goes}}\n", "3:13 bindings.a.type: the binding type 'amqp' with kind 'server' is not supported yet" },
        { "name: test\nguards:\n  g: {type: azure-ad}\n", "3:13 guards.g.type: the guard type 'azure-ad' is not supported yet" },
        { "name: test\ncatalogs:\n  c: {type: inlin}\n", "3:13 catalogs.c.type: there is no catalog type 'inlin'; did you mean 'inline'?" },
        { "name: test\ntelemetry: {exporters: {e: {type: syslog, options: {}}}}\n", "2:35 telemetry.exporters.e.type: the exporter type 'syslog' is not supported yet" },
        { "name: test\ntelemetry: {exporters: {e: {type: stdot}}}\n", "2:35 telemetry.exporters.e.type: there is no exporter type 'stdot'; did you mean 'stdout'?" },
        { "name: test\ntelemetry: {exporters: {e: {type: stdout, options: {}}}}\n", "2:43 telemetry.exporters.e.options: unknown key 'options'; known here: type" },
        { "name: ${{env.MISSING}}\n", "1:7 : the environment variable 'MISSING' is not set" },
        { "name: test\nbindings:\n  k: {type: kafka, kind: client, options: {servers: ['${{env.MISSING}}']}, exit: t}\n  t: {type: tcp, kind: client}\n", "3:54 : the environment variable 'MISSING' is not set" },
        { "name: ${{env.SET\n", "1:7 : '${{' without '}}'" },
        { "name: ${{aws.secrets.x}}\n", "1:7 : '${{aws.secrets.x}}' is not supported: only '${{env.NAME}}' is" },
    };

    public static TheoryData<string, string> Bindings => new()
    {
        { Tcp + "    exit: http0\n", "3:3 bindings.tcp0.options: 'port' is missing" },
        { Tcp + "    options: {port: 70000}\n    exit: http0\n", "6:21 bindings.tcp0.options.port: expected a port from 1 to 65535 or a range such as 7000-7009, found '70000'" },
        { Tcp + "    options: {port: [7000, 7009-7001]}\n    exit: http0\n", "6:28 bindings.tcp0.options.port[1]: expected a port from 1 to 65535 or a range such as 7000-7009, found '7009-7001'" },
        { Tcp + "    options: {port: ${{env.SET}}}\n    exit: http0\n".Replace("{port: ${{env.SET}}}", "{port: '${{env.SET}}'}"), "6:21 bindings.tcp0.options.port: expected a port from 1 to 65535 or a range such as 7000-7009, found '${{env.SET}}'" },
        { Tcp + "    options: {port: [1-65535, 1-65535]}\n    exit: http0\n", "6:15 bindings.tcp0.options.port: more than 1024 ports" },
        { Tcp + "    options: {port: [7001, 7001]}\n    exit: http0\n", "6:15 bindings.tcp0.options.port: port 7001 is named twice" },
        { Tcp + "    options: {port: 1, hots: a}\n    exit: http0\n", "6:24 bindings.tcp0.options.hots: unknown key 'hots'; did you mean 'host'?" },
        { Tcp + "    options: {port: 1}\n    routes:\n      - when: [{cidr: 10.0.0.0/8}]\n        exit: http0\n", "8:17 bindings.tcp0.routes[0].when[0].cidr: 'cidr' is not supported yet" },
        { Tcp + "    options: {port: 1}\n    routes:\n      - when: [{port: 1}]\n", "8:9 bindings.tcp0.routes[0]: 'exit' is missing" },
        { Tcp + "    options: {port: 1}\n    vault: v\n    exit: http0\n", "7:5 bindings.tcp0.vault: 'vault' is not supported yet|7:12 bindings.tcp0.vault: no vault is named 'v'" },
        { "name: test\nbindings:\n  e: {type: echo, kind: server, exit: e, options: {x: 1}}\n", "3:33 bindings.e.exit: 'exit' is not for an echo: nothing comes after it|3:52 bindings.e.options.x: unknown key 'x'" },
        { Http + "    options: {versions: [h3]}\n", "7:26 bindings.http0.options.versions[0]: 'h3' is none of http/1.1, h2" },
        { Http + "    options: {access-control: {policy: cross}}\n", "7:40 bindings.http0.options.access-control.policy: 'cross' is none of same-origin, cross-origin" },
        { Http + "    options: {access-control: {policy: same-origin, max-age: 5}}\n", "7:53 bindings.http0.options.access-control.max-age: 'max-age' needs 'policy: cross-origin'" },
        { Http + "    options: {authorization: {g: {credentials: {headers: {a: '{credentials}'}}}}}\n", "7:31 bindings.http0.options.authorization.g: no guard is named 'g'" },
        { Http + "    routes:\n      - exit: http0\n        guarded: {jwt0: [admin]}\n", "9:19 bindings.http0.routes[0].guarded.jwt0: no guard is named 'jwt0'" },
        { Http + "    routes:\n      - exit: http0\n        when: {headers: {}}\n", "9:15 bindings.http0.routes[0].when: expected a list, found a mapping" },
    };

    public static TheoryData<string, string> Routes => new()
    {
        { "    exit: client0\n    routes: [{exit: client0, with: {capability: fetch, topic: t}}]\n", "10:5 bindings.map0.exit: 'exit' is not for http-kafka: each route names its own" },
        { "    routes: [{exit: client0}]\n", "10:14 bindings.map0.routes[0]: 'with' is missing" },
        { "    routes: [{exit: client0, with: {topic: t}}]\n", "10:30 bindings.map0.routes[0].with: 'capability' is missing" },
        { "    routes: [{exit: client0, with: {capability: fetch}}]\n", "10:30 bindings.map0.routes[0].with: 'topic' is missing" },
        { "    routes: [{exit: client0, with: {capability: fetch, topic: t, key: k}}]\n", "10:66 bindings.map0.routes[0].with.key: 'key' does not go with 'capability: fetch'" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, reply-to: 'a b'}}]\n", "10:78 bindings.map0.routes[0].with.reply-to: a topic name has at most 249 letters, digits, '.', '_' and '-'" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, correlation-id: c}}]\n", "10:68 bindings.map0.routes[0].with.correlation-id: 'correlation-id' needs 'reply-to'" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, reply-to: r, correlation-id: ''}}]\n", "10:97 bindings.map0.routes[0].with.correlation-id: a header's name is not empty" },
        { "    options: {correlation: {headers: {reply-to: ''}}}\n    routes: [{exit: client0, with: {capability: produce, topic: t}}]\n", "10:49 bindings.map0.options.correlation.headers.reply-to: a header's name is not empty" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, async: {location: '/${correlationId}'}}}]\n", "10:68 bindings.map0.routes[0].with.async: 'async' needs 'reply-to'" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, reply-to: r, async: {x: y}}}]\n", "10:81 bindings.map0.routes[0].with.async: 'location' is missing" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, reply-to: r, async: {location: /x}}}]\n", "10:99 bindings.map0.routes[0].with.async.location: a location starts with '/' and holds '${correlationId}' once" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, reply-to: r, async: {location: '/${correlationId}', h: '${idempotencyKey}'}}}]\n", "10:123 bindings.map0.routes[0].with.async.h: '${idempotencyKey}' has no value in 'async'" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, reply-to: r, async: {location: '/${params.id};${correlationId}'}}}]\n", "10:99 bindings.map0.routes[0].with.async.location: '${params.id}' is not bound by this route, which has no 'when'" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, reply-to: r, overrides: {async: '${correlationId}'}}}]\n", "10:100 bindings.map0.routes[0].with.overrides.async: '${correlationId}' has a value in 'async' alone" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, acks: all}}]\n", "10:74 bindings.map0.routes[0].with.acks: 'all' is none of none, leader_only, in_sync_replicas" },
        { "    routes: [{exit: client0, with: {capability: fetch, topic: t, merge: {content-type: text/plain}}}]\n", "10:88 bindings.map0.routes[0].with.merge.content-type: only application/json can be merged, found 'text/plain'" },
        { "    routes: [{exit: client0, when: [{path: items}], with: {capability: fetch, topic: t}}]\n", "10:44 bindings.map0.routes[0].when[0].path: a path starts with '/', found 'items'" },
        { "    routes: [{exit: client0, when: [{path: '/a/{id'}], with: {capability: fetch, topic: t}}]\n", "10:44 bindings.map0.routes[0].when[0].path: '{' without '}'" },
        { "    routes: [{exit: client0, when: [{path: '/{a}/{a}'}], with: {capability: fetch, topic: t}}]\n", "10:44 bindings.map0.routes[0].when[0].path: '{a}' is bound twice" },
        { "    routes: [{exit: client0, when: [{path: '/{a}'}, {method: GET}], with: {capability: fetch, topic: 't-${params.a}'}}]\n", "10:102 bindings.map0.routes[0].with.topic: '${params.a}' is not bound by when[1], which has no 'path'" },
        { "    routes: [{exit: client0, with: {capability: fetch, topic: t, filters: [{key: '${params.a}'}]}}]\n", "10:82 bindings.map0.routes[0].with.filters[0].key: '${params.a}' is not bound by this route, which has no 'when'" },
        { "    routes: [{exit: client0, with: {capability: fetch, topic: t, filters: [{headers: {h: '${idempotencyKey}'}}]}}]\n", "10:90 bindings.map0.routes[0].with.filters[0].headers.h: '${idempotencyKey}' has a value in 'capability: produce' alone" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, overrides: {h: \"${guarded['g'].identity}\"}}}]\n", "10:83 bindings.map0.routes[0].with.overrides.h: no guard is named 'g'" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, key: '${parms.id}'}}]\n", "10:73 bindings.map0.routes[0].with.key: there is no expression '${parms.id}'" },
        { "    routes: [{exit: client0, with: {capability: produce, topic: t, key: '${params.id'}}]\n", "10:73 bindings.map0.routes[0].with.key: '${' without '}'" },
        { "    routes: [{exit: client0, with: {capability: fetch, topic: 'a b'}}]\n", "10:63 bindings.map0.routes[0].with.topic: a topic name has at most 249 letters, digits, '.', '_' and '-'" },
        { "    routes: []\n", "7:3 bindings.map0: http-kafka proxy 'map0' has no 'routes'" },
        { "    routes: [{exit: client1, with: {capability: fetch, topic: t}}]\n", "10:21 bindings.map0.routes[0].exit: no binding is named 'client1'; did you mean 'client0'?" },
        { "    routes: [{exit: server0, with: {capability: fetch, topic: t}}]\n", "10:21 bindings.map0.routes[0].exit: a http-kafka proxy cannot exit to 'server0', a kafka cache_server: expected kafka cache_client" },
    };

    [Theory]
    [MemberData(nameof(TheFile))]
    public void Load_BadFile_SaysWhatAndWhere(string text, string expected) => Assert.Equal([expected], Loader.Mistakes(text, ("SET", "secret")));

    [Theory]
    [MemberData(nameof(Bindings))]
    public void Load_BadBinding_SaysWhatAndWhere(string text, string expected) =>
        Assert.Equal(expected.Split('|'), Loader.Mistakes(text, ("SET", "secret")).Where(line => !line.Contains("exit: a http server", StringComparison.Ordinal) && !line.Contains("'http0'", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Routes))]
    public void Load_BadRoute_SaysWhatAndWhere(string route, string expected) => Assert.Equal([expected], Loader.Mistakes(HttpKafka + route));

    [Fact]
    public void Load_ManyMistakes_ReportsAllInOrder()
    {
        var mistakes = Loader.Mistakes("""
            name: 2test
            bindings:
              tcp0:
                type: tcp
                kind: server
                options:
                  port: 7114
                  hst: localhost
                exit: htp0
              tcp1:
                type: tcp
                kind: server
                options:
                  port: ${{env.PORT}}
                  host: ${{env.NOT_SET}}
                exit: kafka0
              http0:
                type: http
                kind: server
                routes:
                  - exit: sse0
                    guarded:
                      authn: [admin]
              sse0:
                type: sse
                kind: sever
                exit: http0
              kafka0:
                type: kafka
                kind: client
                options:
                  servers: [localhost]
                  sasl: {mechanism: plain, username: a}
                exit: tcp9
            """, ("PORT", "7114"));

        Assert.Equal(
            [
                "1:7 name: '2test' is no name: letters first, then letters, digits, '.', '_' and '-'",
                "8:7 bindings.tcp0.options.hst: unknown key 'hst'; did you mean 'host'?",
                "9:11 bindings.tcp0.exit: no binding is named 'htp0'; did you mean 'http0'?",
                "14:13 bindings.tcp1.options.port: port 7114 is taken by 'tcp0' already",
                "15:13 : the environment variable 'NOT_SET' is not set",
                "16:11 bindings.tcp1.exit: a tcp server cannot exit to 'kafka0', a kafka client: expected http server or tls server or echo server or proxy server or mqtt server",
                "23:11 bindings.http0.routes[0].guarded.authn: no guard is named 'authn'",
                "26:11 bindings.sse0.kind: 'sever' is no kind of sse binding: server, client; did you mean 'server'?",
                "32:17 bindings.kafka0.options.servers[0]: expected host:port, found 'localhost'",
                "33:7 bindings.kafka0.options.sasl: 'password' is missing",
                "34:11 bindings.kafka0.exit: no binding is named 'tcp9'; did you mean 'tcp0'?",
            ],
            mistakes);
    }

    [Fact]
    public void Load_MoreMistakesThanAnyoneReads_AreCounted()
    {
        var keys = string.Concat(Enumerable.Range(0, 90_000).Select(key => $"k{key}: 0\n"));
        var errors = Loader.Load("name: test\n" + keys).Errors;
        Assert.Equal(Findings.Max + 1, errors.Count);
        Assert.Equal($"and {90_000 - Findings.Max} more mistakes", errors[^1].Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Load_QuickstartCutAtAnyPlace_NeverThrows(int part)
    {
        var text = File.ReadAllText(Path.Combine(Testing.Repository.Root, "examples", "quickstart", "zilla.yaml"));
        var third = text.Length / 3;
        for (var length = (part - 1) * third; length < part * third; length++)
        {
            var result = Loader.Load(text[..length]);
            Assert.NotEqual(result.IsValid, result.Errors.Count > 0);
        }
    }
}
