using Zilla.AppHost.Hosting.Arguments;

namespace Zilla.AppHost.Tests.Arguments;

public sealed class AppHostArgumentsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("zilla-apphost-").FullName;

    public AppHostArgumentsTests() => WriteConfig("examples/quickstart/zilla.yaml", "servers: [ ${{env.KAFKA_BOOTSTRAP_SERVER}} ]");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Parse_NoArguments_QuickstartWithEmbeddedKafka()
    {
        var options = Parse([]);

        Assert.Null(options.Error);
        Assert.Equal(Path.Combine(_root, "examples", "quickstart", "zilla.yaml"), options.Config);
        Assert.Null(options.Kafka);
        Assert.True(options.ConfigReadsKafkaBootstrapServer);
        Assert.False(options.NoDashboard);
        Assert.Equal(Path.Combine(_root, ".zilla"), options.StateDirectory);
    }

    [Fact]
    public void Parse_EverySwitch_IsTaken()
    {
        WriteConfig("my.yaml", "servers: [ broker:9092 ]");

        var options = Parse(
        [
            "--config", "my.yaml", "--kafka=a:9092,b:9093", "--replicas", "edge-http=2", "--replicas", "kafka-cache=3", "--no-dashboard", "--dashboard-port", "1234",
            "--orchestrator", "local", "--state", "st",
        ]);

        Assert.Null(options.Error);
        Assert.Equal(Path.Combine(_root, "my.yaml"), options.Config);
        Assert.False(options.ConfigReadsKafkaBootstrapServer);
        Assert.Equal("a:9092,b:9093", options.Kafka);
        Assert.Equal([("edge-http", 2), ("kafka-cache", 3)], options.Replicas.OrderBy(r => r.Key).Select(r => (r.Key, r.Value)));
        Assert.True(options.NoDashboard);
        Assert.Equal(1234, options.DashboardPort);
        Assert.Equal(OrchestratorChoice.Local, options.Orchestrator);
        Assert.Equal(Path.Combine(_root, "st"), options.StateDirectory);
    }

    [Fact]
    public void Parse_Publish_SaysWhatToWriteAndWhere()
    {
        Assert.Null(Parse([]).Publish);
        Assert.Equal(new PublishRequest(PublishFormat.Files, Path.Combine(_root, "out")), Parse(["publish", "--output", "out"]).Publish);
        Assert.Equal(new PublishRequest(PublishFormat.Manifest, Path.Combine(_root, "m.json")), Parse(["--publisher", "manifest", "--output-path", "m.json"]).Publish);
        Assert.Equal(new PublishRequest(PublishFormat.Manifest, Path.Combine(_root, "aspire-manifest.json")), Parse(["--publisher=manifest"]).Publish);
    }

    [Theory]
    [InlineData("publish needs --output", "publish")]
    [InlineData("exclude each other", "publish", "--output", "out", "--publisher", "manifest")]
    [InlineData("--publisher is manifest, not 'helm'", "--publisher", "helm")]
    [InlineData("--output goes with publish", "--output", "out")]
    [InlineData("--output-path goes with --publisher manifest", "--output-path", "m.json")]
    [InlineData("Unknown argument 'publish'", "--no-dashboard", "publish")]
    public void Parse_PublishIsWrong_Refused(string reason, params string[] arguments) => Assert.Contains(reason, Parse(arguments).Error, StringComparison.Ordinal);

    [Fact]
    public void Parse_EnvironmentVariables_AreTaken()
    {
        WriteConfig("my.yaml", "");

        var options = Parse([], ("ZILLA_CONFIG", "my.yaml"), ("ZILLA_KAFKA", "a:9092"), ("ZILLA_REPLICAS", "edge-http=2,kafka-cache=3"), ("ZILLA_NO_DASHBOARD", "1"),
            ("ZILLA_DASHBOARD_PORT", "1234"), ("ZILLA_ORCHESTRATOR", "dcp"));

        Assert.Null(options.Error);
        Assert.Equal(Path.Combine(_root, "my.yaml"), options.Config);
        Assert.Equal("a:9092", options.Kafka);
        Assert.Equal(2, options.Replicas["edge-http"]);
        Assert.Equal(3, options.Replicas["kafka-cache"]);
        Assert.True(options.NoDashboard);
        Assert.Equal(1234, options.DashboardPort);
        Assert.Equal(OrchestratorChoice.Dcp, options.Orchestrator);
    }

    [Fact]
    public void Parse_ArgumentAndVariable_ArgumentWins()
    {
        var options = Parse(["--kafka", "argument:1", "--replicas", "edge-http=4"], ("ZILLA_KAFKA", "variable:1"), ("ZILLA_REPLICAS", "kafka-cache=2"));

        Assert.Equal("argument:1", options.Kafka);
        Assert.Equal(["edge-http"], options.Replicas.Keys);
    }

    [Fact]
    public void Parse_UserHasKafkaBootstrapServer_IsTheCluster()
    {
        var options = Parse([], ("KAFKA_BOOTSTRAP_SERVER", "mine:9092"));

        Assert.Equal("mine:9092", options.Kafka);
        Assert.Equal("mine:9092", options.KafkaBootstrapServer);
    }

    [Fact]
    public void Parse_ConfigIsUrl_StaysAsItIs()
    {
        // Nothing listens there: the AppHost starts all the same, it is for Control to report.
        var options = Parse(["--config", "http://127.0.0.1:1/zilla.yaml"]);

        Assert.Null(options.Error);
        Assert.Equal("http://127.0.0.1:1/zilla.yaml", options.Config);
        Assert.True(options.ConfigReadsKafkaBootstrapServer);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Parse_Help_AsksForHelp(string argument) => Assert.True(Parse([argument]).Help);

    [Theory]
    [InlineData("Unknown argument '--frobnicate'", "--frobnicate")]
    [InlineData("Unknown argument 'zilla.yaml'", "zilla.yaml")]
    [InlineData("Unknown argument '--no-dashboard=1'", "--no-dashboard=1")]
    [InlineData("--kafka needs a value", "--kafka")]
    [InlineData("--kafka needs a value", "--kafka", "--no-dashboard")]
    [InlineData("--kafka takes host:port", "--kafka", "broker")]
    [InlineData("--kafka takes host:port", "--kafka", "broker:9092,")]
    [InlineData("--kafka takes host:port", "--kafka", ":9092")]
    [InlineData("--kafka takes host:port", "--kafka", "broker:70000")]
    [InlineData("--replicas takes name=number", "--replicas", "edge-http")]
    [InlineData("--replicas edge-http is a number", "--replicas", "edge-http=0")]
    [InlineData("--replicas edge-http is a number", "--replicas", "edge-http=33")]
    [InlineData("--replicas edge-http is a number", "--replicas", "edge-http=-1")]
    [InlineData("--dashboard-port is a number", "--dashboard-port", "0")]
    [InlineData("--orchestrator is auto, dcp or local", "--orchestrator", "docker")]
    [InlineData("--config: there is no file", "--config", "missing.yaml")]
    public void Parse_Nonsense_IsRefusedInOneLine(string reason, params string[] args)
    {
        var options = Parse(args);

        Assert.StartsWith(reason, options.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', options.Error!);
    }

    [Fact]
    public void Parse_FlagVariableIsNonsense_IsRefused() =>
        Assert.StartsWith("ZILLA_NO_DASHBOARD is 1 or 0", Parse([], ("ZILLA_NO_DASHBOARD", "maybe")).Error, StringComparison.Ordinal);

    [Fact]
    public void HelpText_NamesEverySwitch()
    {
        foreach (var name in new[] { "--config", "--kafka", "--replicas", "--no-dashboard", "--dashboard-port", "--orchestrator", "--state", "--help" })
        {
            Assert.Contains(name, HelpText.Text, StringComparison.Ordinal);
        }
    }

    private AppHostOptions Parse(string[] args, params (string Name, string Value)[] environment)
    {
        var variables = environment.ToDictionary(e => e.Name, e => e.Value);
        return AppHostArguments.Parse(args, variables.GetValueOrDefault, new Workspace(_root, _root));
    }

    private void WriteConfig(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
