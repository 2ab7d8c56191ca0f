using Zilla.Testing;

namespace Zilla.AppHost.Tests.Processes;

public sealed class RefusalTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("Unknown argument '--frobnicate'", "--frobnicate")]
    [InlineData("there is no resource 'nobody'", "--replicas", "nobody=2")]
    [InlineData("control runs once only", "--replicas", "control=2")]
    public async Task Run_ArgumentsAreWrong_OneLineAndExitCode2(string reason, params string[] arguments)
    {
        await using var process = ChildProcess.Start(Repository.Service("Zilla.AppHost"), arguments);

        Assert.Equal(2, await process.WaitForExitAsync(Limit));
        Assert.Contains(reason, Assert.Single(process.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Help_ExitCode0()
    {
        var help = await ChildProcess.RunAsync(Repository.Service("Zilla.AppHost"), ["--help"]);

        Assert.Contains("--replicas <name>=<n>", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BundleIsInsistedOnButMissing_SaysSo()
    {
        var nowhere = new Dictionary<string, string?> { ["ZILLA_CACHE"] = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")) };
        await using var process = ChildProcess.Start(Repository.Service("Zilla.AppHost"), ["--orchestrator", "dcp"], nowhere);

        Assert.Equal(1, await process.WaitForExitAsync(Limit));
        Assert.Contains("Aspire's orchestrator is not in", process.Output, StringComparison.Ordinal);
    }
}
