using System.Diagnostics;
using Zilla.Testing;

namespace Zilla.AppHost.Tests.Processes;

[Collection("processes")]
public sealed class StopTests
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LimitAfterKill = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    [InlineData(Kill)]
    public Task Signal_PlainChildProcesses_LeavesNoneBehind(int signal) => EndsAsync(signal, "--orchestrator", "local");

    [RequiresBundleTheory]
    [InlineData(Interrupt, "--no-dashboard")]
    [InlineData(Terminate)]
    [InlineData(Kill)]
    public Task Signal_Orchestrator_LeavesNoneBehind(int signal, params string[] arguments) => EndsAsync(signal, ["--orchestrator", "dcp", .. arguments]);

    [Fact]
    public async Task Kill_OfDotnetRun_LeavesNoneBehind()
    {
        await using var suite = await RunningSuite.StartAsync(
            "dotnet", ["run", "--no-build", "--project", Path.Combine(Repository.Root, "Zilla.AppHost"), "-c", Configuration(), "--", "--orchestrator", "local"], null);

        suite.Process.Signal(Kill);

        await Eventually.HoldsAsync(() => suite.Processes().Count == 0, LimitAfterKill);
    }

    private static async Task EndsAsync(int signal, params string[] arguments)
    {
        await using var suite = await RunningSuite.StartAsync(arguments);
        Assert.True(suite.Processes().Count >= 5, $"AppHost and four services at least, not only: {string.Join(", ", suite.Processes().Values)}");

        var started = Stopwatch.GetTimestamp();
        suite.Process.Signal(signal);
        var code = await suite.Process.WaitForExitAsync(Limit);

        if (signal == Kill)
        {
            await Eventually.HoldsAsync(() => suite.Processes().Count == 0, LimitAfterKill);
        }
        else
        {
            Assert.Equal(0, code);

            // The orchestrator's last process may outlive the AppHost by a moment.
            await Eventually.HoldsAsync(() => suite.Processes().Count == 0, Limit);
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Limit);
        }
    }

    private static string Configuration() => Repository.Service("Zilla.AppHost").Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
}
