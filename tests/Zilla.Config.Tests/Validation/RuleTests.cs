using Zilla.Config.Tests.Loading;

namespace Zilla.Config.Tests.Validation;

/// <summary>Rules that look at several bindings at once; those about one route are tested with the other mistakes of a file.</summary>
public sealed class RuleTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "0.0.0.0", true)]
    [InlineData("::", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    public void PortsDoNotCollide_TwoListenersOfOnePort(string one, string other, bool collide)
    {
        var mistakes = Loader.Mistakes($$"""
            name: test
            bindings:
              a: {type: tcp, kind: server, options: {host: '{{one}}', port: 80-90}, exit: x}
              b: {type: tcp, kind: server, options: {host: '{{other}}', port: 85}, exit: x}
            """).Where(line => !line.Contains("no binding", StringComparison.Ordinal));
        Assert.Equal(collide ? 1 : 0, mistakes.Count());
        Assert.All(mistakes, mistake => Assert.EndsWith("port 85 is taken by 'a' already", mistake, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tcp", "server", "{port: 1}", "http", "server", null)]
    [InlineData("tcp", "server", "{port: 1}", "sse", "server", "a tcp server cannot exit to 'b', a sse server: expected http server or tls server or echo server or proxy server or mqtt server")]
    [InlineData("tls", "server", "{}", "sse", "server", "a tls server cannot exit to 'b', a sse server: expected http server or mqtt server")]
    [InlineData("http", "server", "{}", "sse", "server", null)]
    [InlineData("http", "server", "{}", "http-kafka", "proxy", null)]
    [InlineData("http", "server", "{}", "http-filesystem", "proxy", null)]
    [InlineData("http", "server", "{}", "sse-kafka", "proxy", "a http server cannot exit to 'b', a sse-kafka proxy: expected http-kafka proxy or sse server or http-filesystem proxy or echo server or ws server or grpc server")]
    [InlineData("tcp", "server", "{port: 1}", "echo", "server", null)]
    [InlineData("http", "server", "{}", "echo", "server", null)]
    [InlineData("tls", "server", "{}", "echo", "server", "a tls server cannot exit to 'b', a echo server: expected http server or mqtt server")]
    [InlineData("sse", "server", "{}", "echo", "server", "a sse server cannot exit to 'b', a echo server: expected sse-kafka proxy")]
    [InlineData("tcp", "server", "{port: 1}", "mqtt", "server", null)]
    [InlineData("tls", "server", "{}", "mqtt", "server", null)]
    [InlineData("http", "server", "{}", "mqtt", "server", "a http server cannot exit to 'b', a mqtt server: expected http-kafka proxy or sse server or http-filesystem proxy or echo server or ws server or grpc server")]
    [InlineData("http", "server", "{}", "ws", "server", null)]
    [InlineData("ws", "server", "{}", "mqtt", "server", null)]
    [InlineData("ws", "server", "{}", "echo", "server", "a ws server cannot exit to 'b', a echo server: expected mqtt server")]
    [InlineData("mqtt", "server", "{}", "mqtt-kafka", "proxy", null)]
    [InlineData("mqtt", "server", "{}", "kafka", "cache_client", "a mqtt server cannot exit to 'b', a kafka cache_client: expected mqtt-kafka proxy")]
    [InlineData("mqtt-kafka", "proxy", "{}", "kafka", "cache_client", null)]
    [InlineData("mqtt-kafka", "proxy", "{}", "kafka", "cache_server", "a mqtt-kafka proxy cannot exit to 'b', a kafka cache_server: expected kafka cache_client")]
    [InlineData("sse", "server", "{}", "sse-kafka", "proxy", null)]
    [InlineData("sse", "server", "{}", "http-kafka", "proxy", "a sse server cannot exit to 'b', a http-kafka proxy: expected sse-kafka proxy")]
    [InlineData("kafka", "cache_client", "{}", "kafka", "cache_server", null)]
    [InlineData("kafka", "cache_client", "{}", "kafka", "client", "a kafka cache_client cannot exit to 'b', a kafka client: expected kafka cache_server")]
    [InlineData("kafka", "cache_server", "{}", "kafka", "client", null)]
    [InlineData("kafka", "cache_server", "{}", "kafka", "cache_server", "a kafka cache_server cannot exit to 'b', a kafka cache_server: expected kafka client")]
    [InlineData("kafka", "client", "{}", "tcp", "client", null)]
    [InlineData("kafka", "client", "{}", "tls", "client", null)] // not supported yet, which is said of the tls client
    public void ExitKindFits_FromTo(string type, string kind, string options, string toType, string toKind, string? expected)
    {
        var mistakes = Loader.Mistakes($$"""
            name: test
            bindings:
              a: {type: {{type}}, kind: {{kind}}, options: {{options}}, exit: b}
              b: {type: {{toType}}, kind: {{toKind}}}
            """).Where(line => line.Contains("cannot exit", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
        Assert.Equal(expected is null ? [] : [expected], mistakes);
    }

    [Theory]
    [InlineData("type: tcp, kind: server, options: {port: 1}", "tcp server 'a' has neither 'exit' nor 'routes'")]
    [InlineData("type: http, kind: server", "http server 'a' has neither 'exit' nor 'routes'")]
    [InlineData("type: sse, kind: server", "sse server 'a' has neither 'exit' nor 'routes'")]
    [InlineData("type: sse-kafka, kind: proxy", "sse-kafka proxy 'a' has no 'routes'")]
    [InlineData("type: http-filesystem, kind: proxy", "http-filesystem proxy 'a' has no 'routes'")]
    [InlineData("type: kafka, kind: cache_client", "kafka cache_client 'a' has neither 'exit' nor 'routes'")]
    [InlineData("type: kafka, kind: cache_server", "kafka cache_server 'a' has neither 'exit' nor 'routes'")]
    [InlineData("type: kafka, kind: client, options: {servers: ['h:1']}", "kafka client 'a' has neither 'exit' nor 'routes'")]
    public void LeadsSomewhere_NoExit(string binding, string expected) =>
        Assert.Equal([$"3:3 bindings.a: {expected}"], Loader.Mistakes($"name: test\nbindings:\n  a: {{{binding}}}\n"));

    [Fact]
    public void ExitExists_FromABindingThatIsNotBuiltYet_IsCheckedToo() => Assert.Equal(
        [
            "3:13 bindings.a.type: the binding type 'amqp' with kind 'server' is not supported yet",
            "3:39 bindings.a.exit: no binding is named 'b'",
            "3:59 bindings.a.options.store: no store is named 's0'",
            "3:80 bindings.a.routes[0].exit: no binding is named 'c'",
        ],
        Loader.Mistakes("name: test\nbindings:\n  a: {type: amqp, kind: server, exit: b, options: {store: s0}, routes: [{exit: c}]}\n"));

    [Fact]
    public void ClusterIsUnambiguous_CacheClientWithTwoServers_IsNotSupportedYet()
    {
        var mistakes = Loader.Mistakes("""
            name: test
            bindings:
              a: {type: kafka, kind: cache_client, exit: b, routes: [{exit: c, when: [{topic: x}]}]}
              b: {type: kafka, kind: cache_server, exit: d}
              c: {type: kafka, kind: cache_server, routes: [{exit: d, when: [{topic: x}]}]}
              d: {type: kafka, kind: client, options: {servers: ['h:1']}, routes: [{exit: e, when: [{topic: x}]}]}
              e: {type: tcp, kind: client}
            """);
        Assert.Equal(
            [
                "3:65 bindings.a.routes[0].exit: a kafka cache_client with more than one exit ('b' and 'c') is not supported yet",
                "6:63 bindings.d.routes: topics limited by 'd' and by 'c' are not supported yet",
            ],
            mistakes);
    }

    [Theory]
    [InlineData("items", true)]
    [InlineData("a.b_c-D9", true)]
    [InlineData("items-*", false)]
    [InlineData("..", false)]
    [InlineData("ä", false)]
    public void TopicNameIsLegal_Bootstrap(string topic, bool legal) => Assert.Equal(
        legal ? 0 : 1,
        Loader.Mistakes($$"""
            name: test
            bindings:
              b: {type: kafka, kind: cache_server, options: {bootstrap: ['{{topic}}']}, exit: d}
              d: {type: kafka, kind: client, options: {servers: ['h:1']}, exit: e}
              e: {type: tcp, kind: client}
            """).Count);
}
