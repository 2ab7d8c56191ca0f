using Zilla.Config.Bindings;
using Zilla.Config.Loading;
using Zilla.Config.Plans;
using Zilla.Testing;

namespace Zilla.Config.Tests.Loading;

public sealed class QuickstartTests
{
    private static readonly string File = Path.Combine(Repository.Root, "examples", "quickstart", "zilla.yaml");
    private static readonly ZillaConfiguration Configuration = Load();

    [Fact]
    public void Load_Quickstart_ReadsEveryBinding()
    {
        Assert.Equal("quickstart", Configuration.Name);
        Assert.Equal(
            ["north_tcp_server", "north_http_server", "north_http_kafka_mapping", "north_sse_server", "north_sse_kafka_mapping",
             "north_http_filesystem_mapping", "north_filesystem_server", "north_kafka_cache_client", "south_kafka_cache_server", "south_kafka_client", "south_tcp_client"],
            Configuration.Bindings.Keys);

        var tcp = Assert.IsType<TcpServerBinding>(Configuration.Bindings["north_tcp_server"]);
        Assert.Equal(("127.0.0.1", "north_http_server"), (tcp.Host, tcp.Exit));
        Assert.Equal([7114], tcp.Ports);

        var http = Assert.IsType<HttpServerBinding>(Configuration.Bindings["north_http_server"]);
        Assert.NotNull(http.CrossOrigin);
        Assert.Equal("/items/*", http.Routes[1].When[1].Headers[":path"]);

        var kafka = Assert.IsType<HttpKafkaBinding>(Configuration.Bindings["north_http_kafka_mapping"]);
        Assert.Equal("${idempotencyKey}", kafka.Routes[0].Produce!.Key);
        Assert.Equal(["PUT", "DELETE"], kafka.Routes[1].When.Select(when => when.Method));
        Assert.True(kafka.Routes[2].Fetch!.Merge);
        Assert.Equal("${params.id}", kafka.Routes[3].Fetch!.Filters.Single().Key);
        Assert.Null(kafka.Routes[3].Produce);

        var sse = Assert.IsType<SseKafkaBinding>(Configuration.Bindings["north_sse_kafka_mapping"]);
        Assert.True(sse.Routes[0].EventIdWithKey);
        Assert.Equal(["/events"], sse.Routes[1].Paths);

        Assert.Equal(Path.Combine(Path.GetDirectoryName(File)!, "www"), Assert.IsType<FilesystemBinding>(Configuration.Bindings["north_filesystem_server"]).Location);
        Assert.Equal(["items-snapshots"], Assert.IsType<KafkaCacheServerBinding>(Configuration.Bindings["south_kafka_cache_server"]).Bootstrap);
        Assert.Equal(["127.0.0.1:9092", "127.0.0.1:9093"], Assert.IsType<KafkaClientBinding>(Configuration.Bindings["south_kafka_client"]).Servers);
    }

    [Fact]
    public void Compile_Quickstart_GivesEachServiceItsPlan()
    {
        var plans = PlanCompiler.Compile(Configuration, 7);

        Assert.Equal(["edge-grpc", "edge-http", "edge-mqtt", "kafka-cache"], plans.Keys.Order());
        Assert.All(plans.Values, plan => Assert.Equal((7, "quickstart"), (plan.Revision, plan.Namespace)));

        var edge = plans[ServiceNames.EdgeHttp];
        var listener = edge.Listeners.Single();
        Assert.Equal(("north_tcp_server", "127.0.0.1", 7114), (listener.Binding, listener.Host, listener.Ports.Single()));
        Assert.Equal(
            ["north_tcp_server", "north_http_server", "north_http_kafka_mapping", "north_sse_server", "north_sse_kafka_mapping",
             "north_http_filesystem_mapping", "north_filesystem_server", "north_kafka_cache_client"],
            edge.Bindings.Select(binding => binding.Name));
        Assert.Equal("south_kafka_cache_server", edge.Clusters["north_kafka_cache_client"]);
        Assert.Empty(edge.CachedClusters);

        var cluster = plans[ServiceNames.KafkaCache].CachedClusters.Single();
        Assert.Equal("south_kafka_cache_server", cluster.Name);
        Assert.Equal(["127.0.0.1:9092", "127.0.0.1:9093"], cluster.Servers);
        Assert.Equal(["items-snapshots"], cluster.Bootstrap);
        Assert.Empty(cluster.AllowedTopics);
        Assert.Empty(plans[ServiceNames.KafkaCache].Listeners);

        Assert.Empty(plans[ServiceNames.EdgeMqtt].Listeners);
        Assert.Empty(plans[ServiceNames.EdgeMqtt].Bindings);
    }

    [Fact]
    public void Json_QuickstartPlans_ComeBackAsTheyWere()
    {
        foreach (var plan in PlanCompiler.Compile(Configuration, 3).Values)
        {
            var json = PlanJson.Serialize(plan);
            Assert.Equal(json, PlanJson.Serialize(PlanJson.Deserialize(json)));
            Assert.True(PlanJson.SaysTheSame(plan, plan with { Revision = 4 }));
            Assert.False(PlanJson.SaysTheSame(plan, plan with { Namespace = "other" }));
        }
    }

    private static ZillaConfiguration Load()
    {
        var result = ConfigurationLoader.Load(System.IO.File.ReadAllText(File), ConfigurationSource.File(File), name =>
            name == "KAFKA_BOOTSTRAP_SERVER" ? "127.0.0.1:9092,127.0.0.1:9093" : null);
        Assert.Equal([], Loader.Lines(result));
        return result.Configuration!;
    }
}
