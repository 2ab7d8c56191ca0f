using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Tests.Planning;

public sealed class ApplicationPlanTests
{
    [Fact]
    public void Create_Reference_GivesEveryEndpointOfEveryReplica()
    {
        var model = new SampleModel(SampleModel.Options() with { Replicas = new Dictionary<string, int> { ["cache"] = 2 } });
        var plan = Plan(model);

        var caches = plan.InstancesOf(model.Cache).ToList();
        var environment = EnvironmentOf(plan, model.Edge);
        Assert.Equal(["cache-0", "cache-1"], caches.Select(c => c.Name));
        Assert.Equal(caches[0].Endpoint("grpc").Url, environment["services__cache__grpc__0"]);
        Assert.Equal(caches[1].Endpoint("grpc").Url, environment["services__cache__grpc__1"]);
        Assert.Equal(plan.InstancesOf(model.Control).Single().Endpoint("grpc").Url, environment["services__control__grpc__0"]);
        Assert.Equal(plan.InstancesOf(model.Control).Single().Endpoint("http").Url, environment["services__control__http__0"]);
        Assert.DoesNotContain("ConnectionStrings__kafka", environment.Keys);
    }

    [Fact]
    public void Create_Service_IsToldWhereItListensAndWhoItIs()
    {
        var model = new SampleModel();
        var plan = Plan(model);

        var control = plan.InstancesOf(model.Control).Single();
        var environment = EnvironmentOf(plan, model.Control);
        Assert.Equal($"http://127.0.0.1:{control.Endpoint("http").Port}", environment["Kestrel__Endpoints__Http__Url"]);
        Assert.Equal("Http1", environment["Kestrel__Endpoints__Http__Protocols"]);
        Assert.Equal($"http://127.0.0.1:{control.Endpoint("grpc").Port}", environment["Kestrel__Endpoints__Grpc__Url"]);
        Assert.Equal("Http2", environment["Kestrel__Endpoints__Grpc__Protocols"]);
        Assert.Equal("control-0", environment["Zilla__Instance"]);
        Assert.Equal("/var/zilla/control-0", environment["Zilla__StateDirectory"]);
        Assert.Equal("/etc/zilla.yaml", environment["Zilla__Config"]);
        Assert.Equal("control", environment["OTEL_SERVICE_NAME"]);
        Assert.Equal("service.instance.id=0", environment["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal($"http://127.0.0.1:{control.Endpoint("http").Port}/readyz", control.HealthAddress?.ToString());
    }

    [Fact]
    public void Create_ManyInstances_HavePortsOfTheirOwn()
    {
        var plan = Plan(new SampleModel(SampleModel.Options() with { Replicas = new Dictionary<string, int> { ["cache"] = 8, ["edge"] = 8 } }));

        var ports = plan.Instances.SelectMany(i => i.Endpoints).Select(e => e.Port).ToList();
        Assert.Equal(ports.Count, ports.Distinct().Count());
    }

    [Fact]
    public void Create_OneRun_IsOneSuite()
    {
        var suites = new[] { Plan(new SampleModel()), Plan(new SampleModel()) }
            .Select(plan => plan.Instances.Select(i => i.Environment.Single(v => v.Name == "Zilla__Suite").Value).Distinct().Single())
            .ToList();

        Assert.NotEqual(suites[0], suites[1]);
    }

    [Fact]
    public void Create_ServicesOfOneRun_KnowEachOtherByAKeyThatIsHidden()
    {
        var (model, other) = (new SampleModel(), new SampleModel());
        var keys = Plan(model).Instances.Where(i => i.Resource != model.Kafka).Select(i => i.Environment.Single(v => v.Name == "Zilla__Channel__Key")).ToList();

        Assert.All(keys, key => Assert.True(key.IsSecret));
        Assert.Equal(64, Assert.Single(keys.Select(key => key.Value).Distinct()).Length);
        Assert.DoesNotContain(keys[0].Value, Plan(other).Instances.SelectMany(i => i.Environment).Select(v => v.Value));
        Assert.DoesNotContain("Zilla__Channel__Key", EnvironmentOf(Plan(model), model.Kafka).Keys);
    }

    [Fact]
    public void Create_ChannelKeyGiven_IsTaken()
    {
        var model = new SampleModel(SampleModel.Options() with { ChannelKey = "the operator's own" });

        Assert.Equal("the operator's own", EnvironmentOf(Plan(model), model.Edge)["Zilla__Channel__Key"]);
    }

    [Fact]
    public void Create_EmbeddedKafka_IsTheBootstrapServerOfAll()
    {
        var model = new SampleModel();
        var plan = Plan(model);

        var broker = plan.InstancesOf(model.Kafka).Single();
        var address = $"127.0.0.1:{broker.Endpoint("tcp").Port}";
        Assert.Equal(["--port", $"{broker.Endpoint("tcp").Port}", "--data", "/var/zilla/devkafka"], broker.Arguments);
        Assert.Equal(address, EnvironmentOf(plan, model.Cache)["ConnectionStrings__kafka"]);
        Assert.All(plan.Instances, i => Assert.Contains(i.Environment, v => v.Name == "KAFKA_BOOTSTRAP_SERVER" && v.Value == address));
    }

    [Fact]
    public void Create_ClusterGiven_NoBrokerStarts()
    {
        var model = new SampleModel(SampleModel.Options() with { Kafka = "one:9092,two:9092" });
        var plan = Plan(model);

        Assert.IsType<ExternalKafkaResource>(model.Kafka);
        Assert.Empty(plan.InstancesOf(model.Kafka));
        Assert.Equal("one:9092,two:9092", EnvironmentOf(plan, model.Cache)["ConnectionStrings__kafka"]);
        Assert.Equal("one:9092,two:9092", EnvironmentOf(plan, model.Control)["KAFKA_BOOTSTRAP_SERVER"]);
    }

    [Fact]
    public void Create_UserSetBootstrapServer_IsLeftAlone()
    {
        var model = new SampleModel(SampleModel.Options() with { Kafka = "one:9092", KafkaBootstrapServer = "mine:9092" });
        var plan = Plan(model);

        Assert.All(plan.Instances, i => Assert.DoesNotContain(i.Environment, v => v.Name == "KAFKA_BOOTSTRAP_SERVER"));
    }

    [Fact]
    public void Create_ConfigurationNamesItsServers_NoBrokerStarts()
    {
        var model = new SampleModel(SampleModel.Options() with { ConfigReadsKafkaBootstrapServer = false });
        var plan = Plan(model);

        Assert.Empty(plan.InstancesOf(model.Kafka));
        Assert.All(plan.Instances, i => Assert.DoesNotContain(i.Environment, v => v.Name is "KAFKA_BOOTSTRAP_SERVER" or "ConnectionStrings__kafka"));
    }

    [Theory]
    [InlineData("nobody", "there is no resource 'nobody'")]
    [InlineData("control", "control runs once only")]
    [InlineData("config", "config runs once only")]
    public void Create_ReplicasOfWhatCannotHaveThem_Refused(string name, string reason)
    {
        var model = new SampleModel(SampleModel.Options() with { Replicas = new Dictionary<string, int> { [name] = 2 } });

        var refused = Assert.Throws<FormatException>(() => Plan(model));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("cache, edge.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Edge")]
    [InlineData("edge--http")]
    [InlineData("edge_http")]
    [InlineData("1edge")]
    [InlineData("")]
    public void Resource_ImproperName_Refused(string name) => Assert.Throws<ArgumentException>(() => new ParameterResource(name, ""));

    private static ApplicationPlan Plan(SampleModel model) => ApplicationPlan.Create(model.Builder, new PortAllocator(new Random(1)));

    private static Dictionary<string, string> EnvironmentOf(ApplicationPlan plan, Resource resource) =>
        plan.InstancesOf(resource).First().Environment.ToDictionary(v => v.Name, v => v.Value);
}
