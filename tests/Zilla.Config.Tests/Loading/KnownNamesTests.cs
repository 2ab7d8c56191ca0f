using Zilla.Config.Loading.Readers;

namespace Zilla.Config.Tests.Loading;

/// <summary>Every name of reference §2 and §3 is known in its place: what is not built is refused by name, what does not exist is told from it.</summary>
public sealed class KnownNamesTests
{
    public static TheoryData<string> BindingTypes =>
    [
        "tcp server", "tcp client", "tls server", "tls client", "tls proxy", "proxy server", "proxy client", "http server", "http client", "http-filesystem proxy", "filesystem server",
        "http-kafka proxy", "sse server", "sse client", "sse-kafka proxy", "ws server", "ws client", "grpc server", "grpc client", "grpc-kafka proxy", "kafka-grpc remote_server",
        "mqtt server", "mqtt client", "mqtt-kafka proxy", "kafka cache_client", "kafka cache_server", "kafka client", "kafka-proxy proxy", "openapi server", "openapi client",
        "asyncapi server", "asyncapi client", "asyncapi proxy", "openapi-asyncapi proxy", "echo server", "fan server", "mcp server", "mcp client", "mcp proxy", "mcp-http client",
        "mcp-http proxy", "mcp-openapi client", "mcp-openapi proxy", "mcp-kafka client", "mcp-kafka proxy", "mcp-kafka-connect client", "mcp-kafka-connect proxy",
        "mcp-schema-registry client", "mcp-schema-registry proxy", "amqp server", "pgsql client", "pgsql server", "pgsql-kafka proxy", "risingwave proxy",
    ];

    public static TheoryData<string, string[]> Sections => new()
    {
        { "guard", ["aws-lambda", "azure-ad"] },
        { "vault", ["aws", "aws-acm", "aws-secrets"] },
        { "catalog", ["inline", "filesystem", "schema-registry", "karapace", "karapace-schema-registry", "confluent-schema-registry", "apicurio", "apicurio-registry", "aws-glue"] },
        { "store", ["memory", "redis", "hazelcast"] },
        { "exporter", ["prometheus", "otlp", "syslog", "aws-cloudwatch"] },
    };

    [Theory]
    [MemberData(nameof(BindingTypes))]
    public void Load_BindingType_IsBuiltOrRefusedByName(string typeAndKind)
    {
        var (type, kind) = (typeAndKind.Split(' ')[0], typeAndKind.Split(' ')[1]);
        var mistakes = Loader.Mistakes($"name: test\nbindings:\n  a: {{type: {type}, kind: {kind}}}\n");

        Assert.DoesNotContain(mistakes, mistake => mistake.Contains("there is no", StringComparison.Ordinal) || mistake.Contains("is no kind of", StringComparison.Ordinal));
        Assert.Equal(
            BindingReaders.Find(type, kind) is null,
            mistakes.Contains($"3:13 bindings.a.type: the binding type '{type}' with kind '{kind}' is not supported yet"));
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void Load_TypeOfASection_IsBuiltOrRefusedByName(string one, string[] types)
    {
        foreach (var type in types)
        {
            Assert.All(
                Loader.Mistakes(File(one, type)).Where(mistake => mistake.Contains(".a.type: ", StringComparison.Ordinal)),
                mistake => Assert.EndsWith($"the {one} type '{type}' is not supported yet", mistake, StringComparison.Ordinal));
            Assert.Contains(Loader.Mistakes(File(one, type + "x")), mistake => mistake.EndsWith($"there is no {one} type '{type}x'; did you mean '{type}'?", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("avro", "the model 'avro' needs a 'catalog'")]
    [InlineData("json", "the model 'json' needs a 'catalog'")]
    [InlineData("protobuf", "the model 'protobuf' needs a 'catalog'")]
    [InlineData("string", null)]
    [InlineData("int32", null)]
    [InlineData("int64", null)]
    [InlineData("float", null)]
    [InlineData("double", null)]
    [InlineData("boolean", null)]
    [InlineData("bytes", null)]
    [InlineData("strng", "there is no model 'strng'; did you mean 'string'?")]
    public void Load_Model_IsKnown(string model, string? mistake)
    {
        var mistakes = Loader.Mistakes(ModelTests.Topic($"value: {model}"));
        Assert.Equal(mistake is null ? [] : [mistake], mistakes.Where(line => line.Contains(" model ", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]));
    }

    private static string File(string one, string type) =>
        one == "exporter" ? $"name: test\ntelemetry: {{exporters: {{a: {{type: {type}}}}}}}\n" : $"name: test\n{one}s:\n  a: {{type: {type}}}\n";
}
