using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Zilla.AppHost.Tests.Publishing;

/// <summary>The manifest against what is known of schema aspire-8.0: azd refuses what it does not know.</summary>
[Collection(PublishedCollection.Name)]
public sealed partial class ManifestTests(PublishedFixture published)
{
    private static readonly Dictionary<string, string[]> Members = new()
    {
        ["project.v0"] = ["type", "path", "args", "env", "bindings"],
        ["container.v0"] = ["type", "image", "entrypoint", "args", "connectionString", "env", "bindings", "bindMounts", "volumes"],
        ["parameter.v0"] = ["type", "value", "inputs"],
        ["value.v0"] = ["type", "connectionString"],
    };

    private static readonly string[] BindingMembers = ["scheme", "protocol", "transport", "external", "port", "targetPort"];

    public static TheoryData<bool> Both => [false, true];

    [Theory]
    [MemberData(nameof(Both))]
    public void Manifest_Resources_AreOfKnownTypesWithKnownMembers(bool secure)
    {
        var manifest = Manifest(secure);
        Assert.Equal(["$schema", "resources"], manifest.Select(member => member.Key));
        Assert.EndsWith("/aspire-8.0.json", Text(manifest["$schema"]), StringComparison.Ordinal);
        foreach (var (name, resource) in Resources(manifest))
        {
            var type = Text(resource["type"]);
            Assert.True(Members.ContainsKey(type), $"{name}: {type}");
            Assert.Empty(resource.Select(member => member.Key).Except(Members[type]));
            Assert.Null(resource["args"]);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Manifest_Bindings_AreWellFormed_AndOnlyEdgesAreExternal(bool secure)
    {
        foreach (var (name, resource) in Resources(Manifest(secure)))
        {
            foreach (var (binding, value) in resource["bindings"]?.AsObject() ?? [])
            {
                var body = value!.AsObject();
                Assert.Empty(body.Select(member => member.Key).Except(BindingMembers));
                Assert.Contains(Text(body["scheme"]), new[] { "http", "https", "tcp", "udp" });
                Assert.Contains(Text(body["protocol"]), new[] { "tcp", "udp" });
                Assert.Contains(Text(body["transport"]), new[] { "http", "http2", "tcp" });
                Assert.InRange(body["targetPort"]!.GetValue<int>(), 1, 65535);
                Assert.Equal(name.StartsWith("edge-", StringComparison.Ordinal) ? "true" : null, body["external"]?.ToJsonString());
                Assert.Matches("^[a-z0-9-]+$", binding);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Manifest_Expressions_Resolve(bool secure)
    {
        var manifest = Manifest(secure);
        var expressions = manifest["resources"]!.ToJsonString().Replace("\\u0022", "\"", StringComparison.Ordinal);
        var found = Expression().Matches(expressions).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.NotEmpty(found);
        foreach (var expression in found)
        {
            var path = expression.Split('.');
            var resource = manifest["resources"]![path[0]]?.AsObject();
            Assert.True(resource is not null, expression);
            switch (path[1..])
            {
                case ["value"]:
                    Assert.NotNull(resource["value"]);
                    break;
                case ["inputs", var input]:
                    Assert.Equal("string", Text(resource["inputs"]![input]!["type"]));
                    break;
                case ["bindings", var binding, "url" or "host" or "port" or "targetPort" or "scheme"]:
                    Assert.NotNull(resource["bindings"]?[binding]);
                    break;
                default:
                    Assert.Fail(expression);
                    break;
            }
        }
    }

    [Fact]
    public void Manifest_Quickstart_HasTheModel()
    {
        var manifest = Manifest(secure: false);
        Assert.Equal(["channel-key", "config", "control", "edge-http", "kafka", "kafka-cache"], Resources(manifest).Select(resource => resource.Name).Order(StringComparer.Ordinal));
        foreach (var (_, project) in Resources(manifest).Where(resource => Text(resource.Body["type"]) == "project.v0"))
        {
            Assert.True(File.Exists(Path.Combine(published.QuickstartFolder, Text(project["path"]))));
        }

        var control = manifest["resources"]!["control"]!["env"]!;
        Assert.Equal(("{config.value}", "{kafka.value}"), (Text(control["Zilla__Config"]), Text(control["KAFKA_BOOTSTRAP_SERVER"])));
        var edge = manifest["resources"]!["edge-http"]!;
        Assert.Equal("http://{kafka-cache.bindings.grpc.host}:{kafka-cache.bindings.grpc.port}", Text(edge["env"]!["services__kafka-cache__grpc__0"]));
        Assert.Equal("""{"scheme":"http","protocol":"tcp","transport":"http","targetPort":7114,"external":true}""", edge["bindings"]!["tcp-7114"]!.ToJsonString());
    }

    [Fact]
    public void Manifest_VariablesOfTheConfiguration_AreSecretParameters()
    {
        var resources = Manifest(secure: true)["resources"]!;

        Assert.Equal("{env-keys-password.value}", Text(resources["control"]!["env"]!["KEYS_PASSWORD"]));
        Assert.Equal("""{"type":"string","secret":true}""", resources["env-keys-password"]!["inputs"]!["value"]!.ToJsonString());
        Assert.Equal("broker-1:9092", Text(resources["kafka"]!["inputs"]!["value"]!["default"]!["value"]));
        Assert.Null(resources["kafka-cache"]!["env"]!["KEYS_PASSWORD"]);
        Assert.Equal("{channel-key.value}", Text(resources["kafka-cache"]!["env"]!["Zilla__Channel__Key"]));
        Assert.Equal("""{"type":"string","secret":true,"default":{"generate":{"minLength":32,"special":false}}}""", resources["channel-key"]!["inputs"]!["value"]!.ToJsonString());
        Assert.Equal("tcp", Text(resources["edge-http"]!["bindings"]!["tcp-443"]!["scheme"]));
        Assert.Equal("""{"scheme":"tcp","protocol":"tcp","transport":"tcp","targetPort":1883,"external":true}""", resources["edge-mqtt"]!["bindings"]!["tcp-1883"]!.ToJsonString());
    }

    private JsonObject Manifest(bool secure) => PublishedFixture.Manifest(secure ? published.SecureFolder : published.QuickstartFolder);

    private static IEnumerable<(string Name, JsonObject Body)> Resources(JsonObject manifest) => manifest["resources"]!.AsObject().Select(resource => (resource.Key, resource.Value!.AsObject()));

    private static string Text(JsonNode? node) => node!.GetValue<string>();

    [GeneratedRegex(@"\{([a-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\}")]
    private static partial Regex Expression();
}
