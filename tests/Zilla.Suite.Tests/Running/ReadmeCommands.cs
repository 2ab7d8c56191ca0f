using Zilla.Testing;

namespace Zilla.Suite.Tests.Running;

/// <summary>What a README's <c>sh</c> blocks have a reader type, so that what is copied from there is what the tests run.</summary>
internal static class ReadmeCommands
{
    /// <summary>The lines that begin with <c>curl</c>, each to be run alone.</summary>
    public static IReadOnlyList<string> Curls(string path) =>
        [.. Blocks(path).SelectMany(block => block.Split('\n')).Where(line => line.StartsWith("curl ", StringComparison.Ordinal))];

    /// <summary>The blocks, each to be run whole by bash; those that start the suite are left out.</summary>
    public static IReadOnlyList<string> Blocks(string path)
    {
        var blocks = new List<string>();
        List<string>? block = null;
        foreach (var line in File.ReadLines(path))
        {
            if (!line.StartsWith("```", StringComparison.Ordinal))
            {
                block?.Add(line);
                continue;
            }

            if (block is not null && !block.Exists(l => l.StartsWith("dotnet run ", StringComparison.Ordinal)))
            {
                blocks.Add(string.Join('\n', block));
            }

            block = line == "```sh" ? [] : null;
        }

        return blocks;
    }

    /// <summary>Runs one of the lines, or a block, against a suite that listens elsewhere; fails when a command does, or the status is 400 or above.</summary>
    public static Task<string> RunAsync(string command, RunningSuite suite) => BashAsync(Adapt(command, suite, "--max-time 20 --fail-with-body"));

    /// <summary>Runs one of the blocks that follow a stream, which has no end: for two seconds, in which something with <paramref name="token"/>, else an event, must come.</summary>
    public static async Task<string> FollowAsync(string command, RunningSuite suite, string token = "id:")
    {
        var output = await BashAsync($"{Adapt(command, suite, "--max-time 2")} || [ $? = 28 ]");
        Assert.Contains(token, output, StringComparison.Ordinal);
        return output;
    }

    /// <summary>Starts one of the blocks that do not end by themselves, such as a service; the caller ends it.</summary>
    public static ChildProcess Start(string command, RunningSuite suite) => ChildProcess.Start("bash", ["-ec", $"exec {Adapt(command, suite, "")}"], folder: Repository.Root);

    private static Task<string> BashAsync(string script) => ChildProcess.RunAsync("bash", ["-ec", script], folder: Repository.Root);

    private static string Adapt(string command, RunningSuite suite, string options) => suite.Topics.Aggregate(
        command
            .Replace("localhost:7114", $"127.0.0.1:{suite.Port}", StringComparison.Ordinal)
            .Replace("localhost:9092", suite.Kafka, StringComparison.Ordinal)
            .Replace("curl ", $"curl -sS {options} ", StringComparison.Ordinal),
        (text, topic) => text.Replace(topic.Key, topic.Value, StringComparison.Ordinal));
}
