using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>http.kafka.cache as its README shows it: kcat writes, curl reads.</summary>
public sealed class CacheTests
{
    private const string Example = "http.kafka.cache";

    [RequiresToolFact("bash", "curl", "kcat", "node", "npm")]
    public async Task Example_BlocksOfTheReadme_AnswerAsItSays()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var topic = KafkaBroker.Topic("cache");
        await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, topic, "1", "cleanup.policy=compact");
        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, Example, new Dictionary<string, string> { ["items-snapshots"] = topic }, "/items");

        var blocks = ReadmeCommands.Blocks(Path.Combine(Repository.Root, "examples", Example, "README.md"));
        Assert.Equal(5, blocks.Count);
        await ReadmeCommands.RunAsync(blocks[0], suite);

        var read = await ReadmeCommands.RunAsync(blocks[1], suite);
        Assert.Contains("content-type: application/json", read, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("""[{"name":"Apple"},{"name":"Pear"}]""", read, StringComparison.Ordinal);

        Assert.Contains("HTTP/1.1 304", await ReadmeCommands.RunAsync(blocks[2], suite), StringComparison.Ordinal);
        Assert.Contains("Golden Apple", await ReadmeCommands.RunAsync(blocks[3], suite), StringComparison.Ordinal);

        // curl has been told to fail at 400 and above.
        var deleted = await Assert.ThrowsAsync<InvalidOperationException>(() => ReadmeCommands.RunAsync(blocks[4], suite));
        Assert.Contains("HTTP/1.1 404", deleted.Message, StringComparison.Ordinal);
    }
}
