using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>grpc.kafka.echo, grpc.kafka.fanout, grpc.mixed, grpc.kafka.proxy and grpc.proxy as their READMEs show them.</summary>
public sealed class GrpcTests
{
    private const string Hello = """{"message":"Hello"}""", OneTwo = """{"message":"one"}{"message":"two"}""";
    private const string One = """{"message":"one","progress":"AQIAAg=="}""", Two = """{"message":"two","progress":"AQIABA=="}""";

    [RequiresToolFact("bash", "curl", "kcat", "node", "npm")]
    public async Task Echo_BlocksOfTheReadme_AreAnsweredWithTheirMessages_AndAreRecords()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var topic = KafkaBroker.Topic("echo");
        await using var suite = await StartAsync(kafka, "grpc.kafka.echo", "echo-messages", topic);
        var blocks = Blocks("grpc.kafka.echo");
        Assert.Equal(3, blocks.Count);

        Assert.Equal(Hello + Hello + OneTwo, Joined(await ReadmeCommands.RunAsync(blocks[0], suite)));
        Assert.Equal(Hello + OneTwo, Joined(await ReadmeCommands.RunAsync(blocks[1], suite)));

        var records = (await ReadmeCommands.RunAsync(blocks[2], suite)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5 + 7, records.Length); // the end of each call is one, too
        Assert.Contains(records, record => record.EndsWith(",meta:tenant=blue | 7 bytes", StringComparison.Ordinal));
        Assert.All(records, record => Assert.Matches($"^([0-9a-f-]+) \\| zilla:service=example\\.EchoService,zilla:method=Echo[A-Za-z]+,zilla:reply-to={topic},zilla:correlation-id=\\1,?.* \\| -?[0-9]+ bytes$", record));
    }

    [RequiresToolFact("bash", "curl", "node", "npm")]
    public async Task Fanout_BlocksOfTheReadme_GiveTheTopic_AndWhatIsBehindAMessage()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        await using var suite = await StartAsync(kafka, "grpc.kafka.fanout", "fanout-messages", KafkaBroker.Topic("fanout"));
        var blocks = Blocks("grpc.kafka.fanout");
        Assert.Equal(4, blocks.Count);

        Assert.Equal("{}", Joined(await ReadmeCommands.RunAsync(blocks[0], suite)));
        var followed = await Task.WhenAll(blocks.Skip(1).Take(2).Select(block => ReadmeCommands.FollowAsync(block, suite, "message")));
        Assert.Equal(One + Two, Joined(followed[0]));
        Assert.Equal(Two, Joined(followed[1]));
        Assert.Equal(Two, Joined(await ReadmeCommands.RunAsync(blocks[3], suite)));
    }

    [RequiresToolFact("bash", "curl", "node", "npm")]
    public async Task Mixed_BlocksOfTheReadme_AreServedOnOnePort()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var (items, calls) = (KafkaBroker.Topic("items"), KafkaBroker.Topic("calls"));
        await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, items, "1", "cleanup.policy=compact");
        await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, calls, "1");
        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, "grpc.mixed", new Dictionary<string, string> { ["mixed-items"] = items, ["mixed-calls"] = calls });
        var blocks = Blocks("grpc.mixed");
        Assert.Equal(3, blocks.Count);

        var rest = await ReadmeCommands.RunAsync(blocks[0], suite);
        Assert.StartsWith("""{"name":"Apple"}""", rest, StringComparison.Ordinal);
        Assert.Contains("""data:{"name":"Apple"}""", rest, StringComparison.Ordinal);
        Assert.Equal(Hello + OneTwo + Hello, Joined(await ReadmeCommands.RunAsync(blocks[1], suite)));
        var reflected = await ReadmeCommands.RunAsync(blocks[2], suite);
        Assert.Contains("\"example.EchoService\"", reflected, StringComparison.Ordinal);
        Assert.Equal(Hello, Joined(reflected));
    }

    [RequiresToolFact("bash", "curl", "kcat", "node", "npm")]
    public async Task KafkaProxy_BlocksOfTheReadme_AreAnsweredByTheServiceBehindKafka_AlsoWhenItWasAwayMeanwhile()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var names = Service();
        foreach (var topic in (string[])["echo-requests", "echo-replies"])
        {
            await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, names[topic] = KafkaBroker.Topic(topic[5..]), "3");
        }

        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, "grpc.kafka.proxy", names);
        var blocks = Blocks("grpc.kafka.proxy");
        Assert.Equal(5, blocks.Count);
        await using (var service = await ServeAsync(blocks[0], suite))
        {
            Assert.Equal(Hello + OneTwo, Joined(await ReadmeCommands.RunAsync(blocks[1], suite)));
            Assert.Equal(Hello + OneTwo, Joined(await ReadmeCommands.RunAsync(blocks[2], suite)));
            await Eventually.HoldsAsync(() => service.Lines.Count == 1 + 4);
            Assert.Equal(["EchoUnary", "EchoBidiStream", "EchoUnary", "EchoBidiStream"], service.Lines.Skip(1).Select(line => line.Split(' ')[0]));
        }

        var records = await RecordsAsync();
        Assert.Equal((2 + 3) * 2 * 2, records.Length); // the end of each call, and of each answer, is one, too
        Assert.Contains(records, record => record.StartsWith(names["echo-requests"], StringComparison.Ordinal) && record.EndsWith(",meta:tenant=blue | 7 bytes", StringComparison.Ordinal));
        Assert.Equal(4, records.Count(record => record.StartsWith(names["echo-replies"], StringComparison.Ordinal) && record.Contains("zilla:status=0", StringComparison.Ordinal)));

        await using var client = ReadmeCommands.Start(blocks[4], suite);
        await Eventually.HoldsAsync(async () => (await RecordsAsync()).Length == records.Length + 2, TimeSpan.FromSeconds(60), "the call is in Kafka");
        Assert.Equal("", client.Output);
        await using var again = await ServeAsync(blocks[0], suite);
        Assert.Equal(0, await client.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal("""{"message":"Still there?"}""", Joined(client.Output));

        async Task<string[]> RecordsAsync() => (await ReadmeCommands.RunAsync(blocks[3], suite)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [RequiresToolFact("bash", "curl", "node", "npm")]
    public async Task Proxy_BlocksOfTheReadme_AreAnsweredByTheService()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var names = Service();
        names["        - h2"] = "        - h2\n      overrides:\n        idempotency-key: the-gateways"; // which the service prints
        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, "grpc.proxy", names);
        var blocks = Blocks("grpc.proxy");
        Assert.Equal(3, blocks.Count);
        await using var service = await ServeAsync(blocks[0], suite);
        Assert.Equal(Hello + OneTwo, Joined(await ReadmeCommands.RunAsync(blocks[1], suite)));
        Assert.Equal(Hello + OneTwo, Joined(await ReadmeCommands.RunAsync(blocks[2], suite)));
        await Eventually.HoldsAsync(() => service.Lines.Count == 1 + 4);
        Assert.Equal(["EchoUnary the-gateways", "EchoBidiStream the-gateways", "EchoUnary the-gateways", "EchoBidiStream the-gateways"], service.Lines.Skip(1));
    }

    /// <summary>A port for the service in place of the examples', in their zilla.yaml and in their commands.</summary>
    private static Dictionary<string, string> Service()
    {
        var port = FreePort.Next();
        return new() { ["port: 50051"] = $"port: {port}", ["localhost:50051"] = $"localhost:{port}" };
    }

    private static async Task<ChildProcess> ServeAsync(string block, RunningSuite suite)
    {
        var service = ReadmeCommands.Start(block, suite);
        await service.WaitForLineAsync("ready", TimeSpan.FromSeconds(60));
        return service;
    }

    private static async Task<RunningSuite> StartAsync(KafkaBroker kafka, string example, string name, string topic)
    {
        await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, topic, "1");
        return await RunningSuite.StartExampleAsync(kafka.BootstrapServers, example, new Dictionary<string, string> { [name] = topic });
    }

    private static IReadOnlyList<string> Blocks(string example) => ReadmeCommands.Blocks(Path.Combine(Repository.Root, "examples", example, "README.md"));

    private static string Joined(string output) => string.Concat(output.Split('\n').Where(line => line.StartsWith('{')));
}
