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
            await (command.Contains("/events", StringComparison.Ordinal) ? ReadmeCommands.FollowAsync(command, fixture.Suite) : ReadmeCommands.RunAsync(command, fixture.Suite));
        }
    }
}
