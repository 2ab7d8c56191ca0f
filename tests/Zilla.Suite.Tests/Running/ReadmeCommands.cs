using Zilla.Testing;

namespace Zilla.Suite.Tests.Running;

/// <summary>The curl lines of a README's <c>sh</c> blocks, so that what a reader copies is what the tests run.</summary>
internal static class ReadmeCommands
{
    public static IReadOnlyList<string> Curls(string path)
    {
        var commands = new List<string>();
        var shell = false;
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                shell = line == "```sh";
            }
            else if (shell && line.StartsWith("curl ", StringComparison.Ordinal))
            {
                commands.Add(line);
            }
        }

        return commands;
    }

    /// <summary>Runs one of the lines against a suite that listens elsewhere; fails when curl does, or the status is 400 or above.</summary>
    public static Task<string> RunAsync(string command, RunningSuite suite) => ChildProcess.RunAsync("bash", ["-c", Adapt(command, suite, "--max-time 20 --fail-with-body")]);

    public static string Adapt(string command, RunningSuite suite, string options) => command
        .Replace("localhost:7114", $"127.0.0.1:{suite.Port}", StringComparison.Ordinal)
        .Replace("curl ", $"curl -sS {options} ", StringComparison.Ordinal);
}
