using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Publishing;
using Zilla.AppHost.Hosting.Publishing.Compose;
using Zilla.AppHost.Hosting.Publishing.Kubernetes;
using Zilla.AppHost.Hosting.Publishing.Manifest;
using Zilla.AppHost.Tests.Planning;

namespace Zilla.AppHost.Tests.Publishing;

public sealed class DeploymentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("zilla-deployment-").FullName;

    private string Config => Path.Combine(_folder, "zilla.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Services_RolesFollowFromTheModel()
    {
        var deployment = Deploy(Config, Needs());

        Assert.Equal(
            [("control", ServiceRole.Single, "zilla/control"), ("cache", ServiceRole.Replicated, "zilla/cache"), ("edge", ServiceRole.Edge, "zilla/edge")],
            deployment.Services.Select(service => (service.Name, service.Role, service.Image)));
        Assert.Equal([7114], deployment.Services[2].ListenerPorts);
    }

    [Fact]
    public void Services_EdgeWithoutListeners_IsLeftOut() =>
        Assert.Equal(["control", "cache"], Deploy(Config, Needs() with { Listeners = [] }).Services.Select(service => service.Name));

    [Fact]
    public void Services_EdgeThatMakesCallsFromTopics_IsThere_WithoutListeners()
    {
        var service = Deploy(Config, Needs() with { Listeners = [], Workers = ["edge"] }).Services[2];

        Assert.Equal(("edge", ServiceRole.Replicated), (service.Name, service.Role));
        Assert.Empty(service.ListenerPorts);
    }

    [Fact]
    public void Services_EdgeThatRequestsAreHandedOverTo_IsDialledInstanceByInstance()
    {
        var service = Deploy(Config, Needs() with { Listeners = [], Handovers = ["edge"] }).Services[2];

        Assert.Equal(("edge", ServiceRole.Replicated), (service.Name, service.Role));
        var refused = Assert.Throws<FormatException>(() => Deploy(Config, Needs() with { Handovers = ["edge"] }));
        Assert.StartsWith("edge has ports of its own and takes calls of a port", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_PortsOfListeners_AreNotTakenByOwnEndpoints()
    {
        var edge = Deploy(Config, Needs() with { Listeners = [new("edge", [8081, 8080], Http: true)] }).Services[2];

        Assert.Equal(8082, edge.Health.Port);
    }

    [Fact]
    public void Environment_ClusterIsNamedInTheFile_NobodyIsToldOfKafka()
    {
        var deployment = Deploy(Config, Needs() with { Environment = [] });

        Assert.False(deployment.NeedsKafka);
        Assert.All(deployment.Services, service => Assert.DoesNotContain(service.Instance.Environment, v => v.Name is "KAFKA_BOOTSTRAP_SERVER" or "ConnectionStrings__kafka"));
    }

    [Theory]
    [InlineData("https://config.example/zilla.yaml", "https://config.example/zilla.yaml")]
    [InlineData("https://me:secret@config.example/zilla.yaml", "$(ZILLA_CONFIG_URL)")]
    [InlineData("https://config.example/zilla.yaml?sig=secret", "$(ZILLA_CONFIG_URL)")]
    public void Configuration_IsAUrl_NoFilesAndNoSecrets(string url, string value)
    {
        var deployment = Deploy(url, Needs() with { Files = [] });

        Assert.Null(deployment.Configuration);
        Assert.Equal(value, deployment.Services[0].Instance.Environment.Single(v => v.Name == "Zilla__Config").Value);
        var text = string.Concat(KubernetesFiles.Write(deployment).Select(file => file.Text)) + new ComposeFile(Deploy(url, Needs(), new ComposeDialect("kafka")), null).Write()
            + new ManifestFile(Deploy(url, Needs(), new ManifestDialect("config", "kafka"))).Write(Path.Combine(_folder, "manifest.json"));
        Assert.DoesNotContain("secret@", text, StringComparison.Ordinal);
        Assert.DoesNotContain("sig=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("zilla-config", text, StringComparison.Ordinal);
        Assert.Equal(value.StartsWith("$(", StringComparison.Ordinal), deployment.Secrets.Contains("ZILLA_CONFIG_URL"));
    }

    [Fact]
    public void Files_OutsideOfTheConfigurationsFolder_Refused()
    {
        var refused = Assert.Throws<FormatException>(() => Deploy(Config, Needs() with { Files = [new("edge", "/srv/www", Secret: false)] }));

        Assert.StartsWith("/srv/www, which the configuration names, lies outside", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_OfAnyContent_AreKept_UpToWhatAConfigMapTakes()
    {
        var www = Directory.CreateDirectory(Path.Combine(_folder, "www", "deep"));
        File.WriteAllText(Config, "name: test\n");
        File.WriteAllText(Path.Combine(www.FullName, "page.html"), "<p>über</p>\r\n");
        File.WriteAllBytes(Path.Combine(www.FullName, "picture.png"), [0x89, 0x50, 0xFF, 0]);
        var deployment = Deploy(Config, Needs() with { Files = [new("edge", Path.Combine(_folder, "www"), Secret: false)] });

        var files = YamlReader.Read(KubernetesFiles.Write(deployment).Single(file => file.Name == "config.yaml").Text).Last();
        Assert.Equal("iVD/AA==", files["binaryData"]!["www__deep__picture.png"]!.GetValue<string>());
        Assert.Equal("<p>über</p>\r\n"u8.ToArray(), Convert.FromBase64String(files["binaryData"]!["www__deep__page.html"]!.GetValue<string>()));

        File.WriteAllBytes(Path.Combine(www.FullName, "film.mp4"), new byte[1024 * 1024]);
        Assert.Contains("a ConfigMap takes", Assert.Throws<FormatException>(() => KubernetesFiles.Write(deployment).ToList()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dialects_ValuesThatLookLikeExpressions_StayWhatTheyAre()
    {
        Assert.Equal("a$${b}", new ComposeDialect("kafka").Literal("a${b}"));
        Assert.Equal("a$$(b)", new KubernetesDialect().Literal("a$(b)"));
        Assert.Equal("a{{b}}", new ManifestDialect("config", "kafka").Literal("a{b}"));
    }

    private static ConfigurationNeeds Needs() => new("test", [new NeededListener("edge", [7114], Http: true)], ["KAFKA_BOOTSTRAP_SERVER"], []);

    private static Deployment Deploy(string config, ConfigurationNeeds needs, IDialect? dialect = null)
    {
        var options = SampleModel.Options() with { Config = config, Publish = new PublishRequest(PublishFormat.Files, "/out") };
        return Deployment.Create(new SampleModel(options).Builder, needs, dialect ?? new KubernetesDialect());
    }
}
