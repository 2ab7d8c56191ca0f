namespace Zilla.Config.Loading;

/// <summary>The binding types of the reference §2 with their kinds, whether built here or not, and likewise the types of the other sections.</summary>
internal static class BindingTypes
{
    private static readonly Dictionary<string, string[]> Kinds = new(StringComparer.Ordinal)
    {
        ["tcp"] = ["server", "client"],
        ["tls"] = ["server", "client", "proxy"],
        ["proxy"] = ["server", "client"],
        ["http"] = ["server", "client"],
        ["http-filesystem"] = ["proxy"],
        ["filesystem"] = ["server"],
        ["http-kafka"] = ["proxy"],
        ["sse"] = ["server", "client"],
        ["sse-kafka"] = ["proxy"],
        ["ws"] = ["server", "client"],
        ["grpc"] = ["server", "client"],
        ["grpc-kafka"] = ["proxy"],
        ["kafka-grpc"] = ["remote_server"],
        ["mqtt"] = ["server", "client"],
        ["mqtt-kafka"] = ["proxy"],
        ["kafka"] = ["cache_client", "cache_server", "client"],
        ["kafka-proxy"] = ["proxy"],
        ["openapi"] = ["server", "client"],
        ["asyncapi"] = ["server", "client", "proxy"],
        ["openapi-asyncapi"] = ["proxy"],
        ["echo"] = ["server"],
        ["fan"] = ["server"],
        ["mcp"] = ["server", "client", "proxy"],
        ["mcp-http"] = ["client", "proxy"],
        ["mcp-openapi"] = ["client", "proxy"],
        ["mcp-kafka"] = ["client", "proxy"],
        ["mcp-kafka-connect"] = ["client", "proxy"],
        ["mcp-schema-registry"] = ["client", "proxy"],
        ["amqp"] = ["server"],
        ["pgsql"] = ["client", "server"],
        ["pgsql-kafka"] = ["proxy"],
        ["risingwave"] = ["proxy"],
    };

    private static readonly Dictionary<string, string[]> Sections = new(StringComparer.Ordinal)
    {
        ["guards"] = ["jwt", "inline", "x509", "aws-lambda", "azure-ad"],
        ["vaults"] = ["filesystem", "aws-acm", "aws-secrets", "aws"],
        ["stores"] = ["memory", "redis", "hazelcast"],
        ["catalogs"] = ["inline", "filesystem", "schema-registry", "karapace", "karapace-schema-registry", "confluent-schema-registry", "apicurio", "apicurio-registry", "aws-glue"],
    };

    public static IEnumerable<string> All => Kinds.Keys;

    /// <summary>Null if there is no such type.</summary>
    public static IReadOnlyList<string>? KindsOf(string type) => Kinds.GetValueOrDefault(type);

    /// <param name="section">Of <c>zilla.yaml</c>, one whose entries have a type, bindings apart.</param>
    public static IReadOnlyList<string> TypesOf(string section) => Sections[section];
}
