using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Examples;

/// <summary>sse.kafka.fanout as its README shows it: kcat writes, curl and the EventSource of npm follow.</summary>
public sealed class FanoutTests
{
    private const string Example = "sse.kafka.fanout";
    private const int Followers = 50;

    [RequiresToolFact("bash", "curl", "kcat", "node", "npm")]
    public async Task Example_BlocksOfTheReadme_GiveEvents_AndEveryFollowerGetsTheSame()
    {
        await using var kafka = await KafkaBroker.StartAsync();
        var topic = KafkaBroker.Topic("fanout");
        await NodeClients.RunAsync("create-topic.mjs", kafka.BootstrapServers, topic, "3");
        await using var suite = await RunningSuite.StartExampleAsync(kafka.BootstrapServers, Example, new Dictionary<string, string> { ["fanout-events"] = topic }, "/");

        var blocks = ReadmeCommands.Blocks(Path.Combine(Repository.Root, "examples", Example, "README.md"));
        Assert.Equal(4, blocks.Count);
        await ReadmeCommands.RunAsync(blocks[0], suite);
        var followed = await Task.WhenAll(blocks.Skip(1).Select(block => ReadmeCommands.FollowAsync(block, suite)));
        Assert.Equal(2, Events(followed[0]).Count);
        Assert.StartsWith("retry:500\n\nid:AQYAAAIC", followed[1], StringComparison.Ordinal);
        Assert.Equal(["""{"temperature":21.5}"""], Events(followed[1]));
        Assert.Equal(["""{"temperature":11.0}"""], Events(followed[2]));

        await using var source = await NodeClients.StartAsync("eventsource.mjs", $"{suite.Address}events", "4");
        EventReader[] readers = [.. Enumerable.Range(0, Followers).Select(_ => new EventReader(suite.Http, "/events"))];
        using var stop = new CancellationTokenSource();
        Task[] reading = [.. readers.Select(reader => reader.RunAsync(stop.Token))];
        await ReadmeCommands.RunAsync(blocks[0], suite);
        await Eventually.HoldsAsync(() => Array.TrueForAll(readers, reader => reader.Events.Count == 4));
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        Assert.Equal(0, await source.WaitForExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(4, source.Lines.Count(line => line.StartsWith("message ", StringComparison.Ordinal)));
    }

    private static List<string> Events(string output) => [.. output.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)).Select(line => line[5..])];
}
