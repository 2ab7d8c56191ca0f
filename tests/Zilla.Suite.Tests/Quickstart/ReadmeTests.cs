using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Quickstart;

/// <summary>Every curl line of the READMEs, as a shell runs it, against the running suite.</summary>
[Collection(QuickstartCollection.Name)]
public sealed class ReadmeTests(QuickstartFixture fixture)
{
    public static TheoryData<string> Readmes => ["README.md", "examples/quickstart/README.md"];

    [RequiresToolTheory("curl", "bash")]
    [MemberData(nameof(Readmes))]
    public async Task CurlLines_OfTheReadme_Succeed(string readme)
    {
        var commands = ReadmeCommands.Curls(Path.Combine(Repository.Root, readme));
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            // A stream of events has no end: it is read for two seconds, and must have given some by then.
            var streams = command.Contains("/events", StringComparison.Ordinal);
            if (!streams)
            {
                await ReadmeCommands.RunAsync(command, fixture.Suite);
            }
            else
            {
                var line = ReadmeCommands.Adapt(command, fixture.Suite, "--max-time 2");
                var output = await ChildProcess.RunAsync("bash", ["-c", $"{line} || [ $? = 28 ]"]);
                Assert.Contains("id:", output, StringComparison.Ordinal);
            }
        }
    }
}
