using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>http.kafka.crud as its README shows it.</summary>
public sealed class CrudTests
{
    private const string Example = "http.kafka.crud";

    [RequiresToolFact("curl", "bash", "node", "npm")]
    public async Task Example_CurlLinesOfTheReadme_Succeed()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var topic = KafkaBroker.Topic("crud");
        await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, topic, "1", "cleanup.policy=compact");
        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, Example, new Dictionary<string, string> { ["items-crud"] = topic }, "/items");

        var commands = ReadmeCommands.Curls(Path.Combine(Repository.Root, "examples", Example, "README.md"));
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            await ReadmeCommands.RunAsync(command, suite);
        }

        // The last line has deleted the other.
        await Eventually.HoldsAsync(async () => await suite.Http.GetStringAsync(new Uri("/items", UriKind.Relative)) == """[{"name":"Apple"}]""");
    }
}
