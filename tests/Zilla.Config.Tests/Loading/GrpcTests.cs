using System.Text;
using Google.Protobuf.Reflection;
using Zilla.Config.Bindings;
using Zilla.Config.Loading;
using Zilla.Config.Plans;

namespace Zilla.Config.Tests.Loading;

/// <summary>grpc and grpc-kafka in both dialects, and the .proto files that they need.</summary>
public sealed class GrpcTests
{
    private const string Kafka = """
          cache_client: {type: kafka, kind: cache_client, exit: cache_server}
          cache_server: {type: kafka, kind: cache_server, exit: kafka_client}
          kafka_client: {type: kafka, kind: client, options: {servers: ["127.0.0.1:9092"]}, exit: tcp_client}
          tcp_client: {type: tcp, kind: client}
        """;

    private const string Head = """
        name: t
        catalogs:
          here:
            type: inline
            options:
              subjects:
                echo:
                  schema: |
                    syntax = "proto3";
                    package example;
                    import "google/protobuf/empty.proto";
                    service Echo { rpc Say(Words) returns (stream Words); rpc Stop(google.protobuf.Empty) returns (google.protobuf.Empty); }
                    message Words { string text = 1; }
        bindings:
          tcp: {type: tcp, kind: server, options: {host: 127.0.0.1, port: 7151}, exit: http}
          http: {type: http, kind: server, exit: grpc}

        """;

    private const string Server = """
          grpc:
            type: grpc
            kind: server
            catalog: {here: [{subject: echo}]}
            options: {limits: {message: 1048576}, reflection: false}
            routes:
              - when: [{method: example.Echo/*, metadata: {tenant: a, token-bin: {base64: AQI=}}}]
                exit: grpc_kafka

        """;

    private const string Proxy = """
          grpc_kafka:
            type: grpc-kafka
            kind: proxy
            options:
              reliability: {field: 1000, metadata: seen}
              idempotency: {metadata: once}
              correlation: {headers: {service: s, method: m, correlation-id: c, reply-to: r}}
            routes:
              - when: [{method: example.Echo/Say}]
                with: {capability: fetch, topic: words, filters: [{key: k}]}
                exit: cache_client
              - with: {capability: produce, topic: stops, acks: leader_only, key: "${idempotencyKey}", overrides: {h: v}, reply-to: replies}
                exit: cache_client

        """;

    private const string Service = """
          grpc:
            type: grpc
            kind: server
            catalog: {here: [{subject: echo}]}
            exit: grpc_client
          grpc_client:
            type: grpc
            kind: client
            options: {limits: {message: 1048576}}
            routes:
              - when: [{method: example.Echo/*}]
                exit: http_client
          http_client: {type: http, kind: client, options: {versions: [h2]}, exit: tls_client}
          tls_client: {type: tls, kind: client, options: {alpn: [h2], sni: [echo.example], version: TLSv1.2}, exit: service}
          service: {type: tcp, kind: client, options: {host: echo.example, port: 50051}}

        """;

    [Fact]
    public void Load_WayToAService_IsInThePlanToItsEnd()
    {
        var plan = PlanCompiler.Compile(Loader.LoadValid(Head + Service), 1)[ServiceNames.EdgeGrpc];
        Assert.Equal(["tcp", "http", "grpc", "grpc_client", "http_client", "tls_client", "service"], plan.Bindings.Select(binding => binding.Name));
        Assert.Equal(1 << 20, plan.Bindings.OfType<GrpcClientBinding>().Single().MaxMessage);
        Assert.Equal(("h2", true), plan.Bindings.OfType<TlsClientBinding>().Select(tls => (tls.Alpn!.Single(), tls.OnlyTls12 == true)).Single());
    }

    [Theory]
    [InlineData("port: 50051", "port: 50051-50052", "31:74 bindings.service.options.port: tcp client 'service' has 2 ports: an http client dials one")]
    [InlineData("host: echo.example, ", "", "31:3 bindings.service: tcp client 'service' has no 'host' for an http client to dial")]
    [InlineData("versions: [h2]", "versions: [http/1.1]", "29:53 bindings.http_client.options.versions: gRPC needs 'h2'")]
    [InlineData("alpn: [h2]", "alpn: [http/1.1]", "30:51 bindings.tls_client.options.alpn: gRPC needs 'h2'")]
    [InlineData("sni: [echo.example]", "sni: [a, b]", "30:72 bindings.tls_client.options.sni[1]: one service is asked for one name")]
    public void Load_WayToAServiceWithAMistake_HasItsPlace(string from, string to, string mistake) =>
        Assert.Equal([mistake], Loader.Mistakes(Head + Service.Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public void Read_BothBindings_HasWhatTheFileSays()
    {
        var configuration = Sound(Head + Server + Proxy + Kafka);
        var grpc = Assert.IsType<GrpcServerBinding>(configuration.Bindings["grpc"]);
        Assert.Equal(1 << 20, grpc.MaxMessage);
        Assert.Equal((false, true), (grpc.Reflection, grpc.Health));
        var condition = Assert.Single(Assert.Single(grpc.Routes).When);
        Assert.Equal("example.Echo/*", condition.Method);
        Assert.Equal("a", Encoding.UTF8.GetString(condition.Metadata["tenant"].Span));
        Assert.Equal(new byte[] { 1, 2 }, condition.Metadata["token-bin"].ToArray());

        var proxy = Assert.IsType<GrpcKafkaBinding>(configuration.Bindings["grpc_kafka"]);
        Assert.Equal((1000, "seen", "once"), (proxy.ReliabilityField, proxy.ReliabilityMetadata, proxy.IdempotencyMetadata));
        Assert.Equal(new GrpcCorrelationHeaders { Service = "s", Method = "m", CorrelationId = "c", ReplyTo = "r" }, proxy.Correlation);
        Assert.Equal("words", proxy.Routes[0].Fetch?.Topic);
        Assert.Equal(("stops", KafkaAcks.LeaderOnly, "${idempotencyKey}", "replies"), proxy.Routes[1].Produce is { } produce ? (produce.Topic, produce.Acks, produce.Key, produce.ReplyTo) : default);
    }

    [Fact]
    public void Read_ProtoFiles_AreCompiledWithTheirImports()
    {
        var grpc = (GrpcServerBinding)Sound(Head + Server + Proxy + Kafka).Bindings["grpc"];
        var files = FileDescriptorSet.Parser.ParseFrom(grpc.Descriptors.Span).File;
        Assert.Equal(["google/protobuf/empty.proto", "echo.proto"], files.Select(file => file.Name));
        Assert.Equal(["Say", "Stop"], Assert.Single(files[1].Service).Method.Select(method => method.Name));
    }

    [Fact]
    public void Read_ServicesOfTheOlderDialect_AreFilesBesideTheConfiguration()
    {
        var folder = Directory.CreateTempSubdirectory("zilla-grpc-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "words.proto"), "syntax = \"proto3\"; message Words { string text = 1; }");
            File.WriteAllText(Path.Combine(folder, "echo.proto"), "syntax = \"proto3\"; import \"words.proto\"; service Echo { rpc Say(Words) returns (Words); }");
            var text = Head + Server.Replace("catalog: {here: [{subject: echo}]}", "", StringComparison.Ordinal).Replace("options: {", "options: {services: [echo.proto], ", StringComparison.Ordinal) + Proxy + Kafka;
            var result = ConfigurationLoader.Load(text, ConfigurationSource.File(Path.Combine(folder, "zilla.yaml")), _ => null);
            Assert.Empty(result.Errors);
            var grpc = (GrpcServerBinding)result.Configuration!.Bindings["grpc"];
            Assert.Equal(["words.proto", "echo.proto"], FileDescriptorSet.Parser.ParseFrom(grpc.Descriptors.Span).File.Select(file => file.Name));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("string text = 1;", "strin text = 1;", "echo.proto, line 5, column 17: \"strin\" is not defined.")]
    [InlineData("string text = 1;", "string text = 1", "echo.proto, line 5, column 33: Expected \";\".")]
    [InlineData("subject: echo}]", "subject: ecko}]", "the catalog 'here' has no subject 'ecko'; did you mean 'echo'?")]
    [InlineData("catalog: {here: [{subject: echo}]}", "catalog: {here: [{subject: echo}, {subject: echo}]}", "two .proto files of this binding are called 'echo.proto'")]
    [InlineData("catalog: {here: [{subject: echo}]}", "", "a grpc server needs .proto files: 'catalog', or in the 1.x dialect 'options.services'")]
    [InlineData("catalog: {here: [{subject: echo}]}", "catalog: {there: [{subject: echo}]}", "no catalog is named 'there'")]
    [InlineData("method: example.Echo/*", "method: example.Echo", "a method is package.Service/Method, found 'example.Echo'")]
    [InlineData("base64: AQI=", "base64: A*", "not Base64")]
    [InlineData("field: 1000", "field: 0", "expected a whole number from 1 to 536870911, found '0'")]
    [InlineData("capability: fetch, topic: words", "capability: fetch, topic: words, reply-to: x", "'reply-to' does not go with 'capability: fetch'")]
    [InlineData("topic: stops", "topic: st/ops", "a topic name has at most 249 letters, digits, '.', '_' and '-'")]
    [InlineData("key: \"${idempotencyKey}\"", "key: \"${params.id}\"", "'${params.id}' is not bound by this route, which has no 'when'")]
    public void Read_Mistake_IsReported(string sound, string wrong, string message)
    {
        var text = Head + Server + Proxy + Kafka;
        Assert.Contains(sound, text, StringComparison.Ordinal);
        var result = ConfigurationLoader.Load(text.Replace(sound, wrong, StringComparison.Ordinal), new ConfigurationSource("test", null), _ => null);
        Assert.Contains(result.Errors, error => error.Message.StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Plans_OfAGrpcListener_AreTheGrpcEdges()
    {
        var plans = PlanCompiler.Compile(Sound(Head + Server + Proxy + Kafka), 1);
        Assert.Equal(7151, Assert.Single(Assert.Single(plans[ServiceNames.EdgeGrpc].Listeners).Ports));
        Assert.Empty(plans[ServiceNames.EdgeHttp].Listeners);
        Assert.Equal(["tcp", "http", "grpc", "grpc_kafka", "cache_client"], plans[ServiceNames.EdgeGrpc].Bindings.Select(binding => binding.Name));
        var back = PlanJson.Deserialize(PlanJson.Serialize(plans[ServiceNames.EdgeGrpc]));
        Assert.False(back.Bindings.OfType<GrpcServerBinding>().Single().Descriptors.IsEmpty);
    }

    private static ZillaConfiguration Sound(string text)
    {
        var result = ConfigurationLoader.Load(text, new ConfigurationSource("test", null), _ => null);
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }
}
