using Zilla.Config.Bindings;
using Zilla.Config.Loading;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary>kafka-grpc, which begins at a kafka cache_client and has no listener.</summary>
public sealed class KafkaGrpcTests
{
    private const string Client = "grpc: {type: grpc, kind: client, exit: http}";

    private const string Text = """
        name: t
        bindings:
          kafka_grpc:
            type: kafka-grpc
            kind: remote_server
            entry: cache_client
            options:
              acks: leader_only
              idempotency: {metadata: once}
              correlation: {headers: {service: s, method: m, correlation-id: c, reply-to: r}}
              dead-letter: dead
            routes:
              - when:
                  - {topic: calls, reply-to: answers, key: k, headers: {h: v}, method: example.Echo/*}
                  - {topic: more-calls, reply-to: answers}
                with: {scheme: http, authority: "example.com:8080"}
                exit: grpc
          grpc: {type: grpc, kind: client, exit: http}
          http: {type: http, kind: client, options: {versions: [h2]}, exit: service}
          service: {type: tcp, kind: client, options: {host: localhost, port: 8080}}
          cache_client: {type: kafka, kind: cache_client, exit: cache_server}
          cache_server: {type: kafka, kind: cache_server, exit: kafka_client}
          kafka_client: {type: kafka, kind: client, options: {servers: ["127.0.0.1:9092"]}, exit: tcp_client}
          tcp_client: {type: tcp, kind: client}

        """;

    [Fact]
    public void Read_HasWhatTheFileSays()
    {
        var binding = Assert.IsType<KafkaGrpcBinding>(Sound(Text).Bindings["kafka_grpc"]);
        Assert.Equal(("cache_client", KafkaAcks.LeaderOnly, "once", "dead"), (binding.Entry, binding.Acks, binding.IdempotencyMetadata, binding.DeadLetter));
        Assert.Equal(new GrpcCorrelationHeaders { Service = "s", Method = "m", CorrelationId = "c", ReplyTo = "r" }, binding.Correlation);
        var route = Assert.Single(binding.Routes);
        Assert.Equal(("grpc", "http", "example.com:8080", 2), (route.Exit, route.Scheme, route.Authority, route.When.Count));
        var when = route.When[0];
        Assert.Equal(("calls", "answers", "k", "v", "example.Echo/*"), (when.Topic, when.ReplyTo, when.Key, when.Headers["h"], when.Method));
    }

    [Fact]
    public void Plans_GiveItToTheGrpcEdge_AndItsCallsToTheCache()
    {
        var plans = PlanCompiler.Compile(Sound(Text), 1);
        var edge = plans[ServiceNames.EdgeGrpc];
        Assert.Empty(edge.Listeners);
        Assert.Equal(["kafka_grpc", "grpc", "http", "service", "cache_client"], edge.Bindings.Select(binding => binding.Name));
        Assert.Equal("cache_server", edge.Clusters["cache_client"]);
        Assert.Empty(plans[ServiceNames.EdgeHttp].Bindings);

        var work = Assert.Single(Assert.Single(plans[ServiceNames.KafkaCache].CachedClusters).Work);
        Assert.Equal(("zilla:t-kafka_grpc", "dead", "c"), (work.Group, work.DeadLetter, work.Correlation.CorrelationId));
        Assert.Equal(["calls", "more-calls"], work.Conditions.Select(condition => condition.Topic));
    }

    [Theory]
    [InlineData("entry: cache_client", "entry: cash_client", "no binding is named 'cash_client'; did you mean 'cache_client'?")]
    [InlineData("entry: cache_client", "entry: cache_server", "a kafka-grpc remote_server cannot begin at 'cache_server', a kafka cache_server: expected kafka cache_client")]
    [InlineData("entry: cache_client", "exit: grpc", "'entry' is missing")]
    [InlineData("exit: grpc\n", "exit: cache_client\n", "a kafka-grpc remote_server cannot exit to 'cache_client', a kafka cache_client: expected grpc client")]
    [InlineData("dead-letter: dead", "dead-letter: calls", "calls are read from 'calls': what is written there would be read as calls")]
    [InlineData("topic: calls, reply-to: answers", "topic: calls, reply-to: more-calls", "calls are read from 'more-calls': what is written there would be read as calls")]
    [InlineData("topic: calls, reply-to: answers", "topic: calls", "'reply-to' is missing")]
    [InlineData("topic: calls", "topic: ca/lls", "a topic name has at most 249 letters, digits, '.', '_' and '-'")]
    [InlineData("method: example.Echo/*", "method: example.Echo", "a method is package.Service/Method, found 'example.Echo'")]
    [InlineData("scheme: http,", "scheme: grpc,", "'grpc' is none of http, https")]
    [InlineData("example.com:8080", "http://example.com", "expected host or host:port, found 'http://example.com'")]
    [InlineData("kind: cache_server, exit: kafka_client", "kind: cache_server, routes: [{when: [{topic: calls}], exit: kafka_client}]", "the routes of the cluster 'cache_server' do not let 'answers' through: calls")]
    public void Read_Mistake_IsReported(string sound, string wrong, string message)
    {
        Assert.Contains(sound, Text, StringComparison.Ordinal);
        var result = ConfigurationLoader.Load(Text.Replace(sound, wrong, StringComparison.Ordinal), new ConfigurationSource("test", null), _ => null);
        Assert.Contains(result.Errors, error => error.Message.StartsWith(message, StringComparison.Ordinal) && error.Line > 0);
    }

    [Theory]
    [InlineData("scheme: http,", "scheme: https,", "the scheme is 'https', but 'http' leads to 'service', a tcp client", 16, 24)]
    [InlineData(Client, "grpc: {type: grpc, kind: client, routes: [{when: [{method: a.B/*}, {metadata: {tenant: a}}], exit: http}]}", "calls from topics come to 'grpc', and are not routed by metadata: have 'headers' of the kafka-grpc's route say it", 18, 71)]
    [InlineData(Client, "grpc: {type: grpc, kind: client, routes: [{guarded: {jwt: []}, exit: http}]}", "calls from topics come to 'grpc', and have no credentials that a guard could know", 18, 46)]
    public void Exit_ThatDoesNotFit_IsReported_WhereItStands(string sound, string wrong, string message, int line, int column)
    {
        Assert.Contains(sound, Text, StringComparison.Ordinal);
        var result = ConfigurationLoader.Load(Text.Replace(sound, wrong, StringComparison.Ordinal), new ConfigurationSource("test", null), _ => null);
        Assert.Contains((message, line, column), result.Errors.Select(error => (error.Message, error.Line, error.Column)));
    }

    [Theory]
    [InlineData("https", true)]
    [InlineData("http", false)]
    public void Scheme_HasToBeThatOfTheConnections(string scheme, bool isSound)
    {
        var text = Text.Replace("scheme: http,", $"scheme: {scheme},", StringComparison.Ordinal)
            .Replace("exit: service}", "exit: secured}\n  secured: {type: tls, kind: client, vault: v, options: {trust: [a], alpn: [h2]}, exit: service}", StringComparison.Ordinal)
            .Replace("bindings:", "vaults: {v: {type: filesystem, options: {trust: {store: t.p12, type: pkcs12, password: p}}}}\nbindings:", StringComparison.Ordinal);
        var errors = ConfigurationLoader.Load(text, new ConfigurationSource("test", null), _ => null).Errors;
        Assert.Equal(isSound, !errors.Any(error => error.Message == "the scheme is 'http', but 'http' leads to 'secured', a tls client"));
    }

    private static ZillaConfiguration Sound(string text)
    {
        var result = ConfigurationLoader.Load(text, new ConfigurationSource("test", null), _ => null);
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }
}
