using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>grpc.kafka.echo as its README shows it.</summary>
public sealed class GrpcTests
{
    private const string Hello = """{"message":"Hello"}""", OneTwo = """{"message":"one"}{"message":"two"}""";

    [RequiresToolFact("bash", "curl", "kcat", "node", "npm")]
    public async Task Echo_BlocksOfTheReadme_AreAnsweredWithTheirMessages_AndAreRecords()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var topic = KafkaBroker.Topic("echo");
        await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, topic, "1");
        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, "grpc.kafka.echo", new Dictionary<string, string> { ["echo-messages"] = topic });
        var blocks = ReadmeCommands.Blocks(Path.Combine(Repository.Root, "examples", "grpc.kafka.echo", "README.md"));
        Assert.Equal(3, blocks.Count);

        Assert.Equal(Hello + Hello + OneTwo, Joined(await ReadmeCommands.RunAsync(blocks[0], suite)));
        Assert.Equal(Hello + OneTwo, Joined(await ReadmeCommands.RunAsync(blocks[1], suite)));

        var records = (await ReadmeCommands.RunAsync(blocks[2], suite)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5 + 7, records.Length); // the end of each call is one, too
        Assert.Contains(records, record => record.EndsWith(",meta:tenant=blue | 7 bytes", StringComparison.Ordinal));
        Assert.All(records, record => Assert.Matches($"^([0-9a-f-]+) \\| zilla:service=example\\.EchoService,zilla:method=Echo[A-Za-z]+,zilla:reply-to={topic},zilla:correlation-id=\\1,?.* \\| -?[0-9]+ bytes$", record));
    }

    private static string Joined(string lines) => lines.Replace("\n", "", StringComparison.Ordinal);
}
