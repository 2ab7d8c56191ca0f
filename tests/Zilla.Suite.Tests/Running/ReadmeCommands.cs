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
}
