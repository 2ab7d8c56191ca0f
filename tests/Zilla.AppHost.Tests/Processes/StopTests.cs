using System.Diagnostics;
using Zilla.Testing;

namespace Zilla.AppHost.Tests.Processes;

[Collection("processes")]
public sealed class StopTests
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    /// <summary>What is promised; a machine on which it takes longer to start may take that long to stop.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

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

        await Eventually.HoldsAsync(() => suite.Processes().Count == 0);
    }

    private static async Task EndsAsync(int signal, params string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        await using var suite = await RunningSuite.StartAsync(arguments);
        var limit = TimeSpan.FromTicks(Math.Max(Limit.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
        Assert.True(suite.Processes().Count >= 5, $"AppHost and four services at least, not only: {string.Join(", ", suite.Processes().Values)}");

        started = Stopwatch.GetTimestamp();
        suite.Process.Signal(signal);
        var code = await suite.Process.WaitForExitAsync(limit);

        if (signal == Kill)
        {
            await Eventually.HoldsAsync(() => suite.Processes().Count == 0);
        }
        else
        {
            Assert.Equal(0, code);

            // The orchestrator's last process may outlive the AppHost by a moment.
            await Eventually.HoldsAsync(() => suite.Processes().Count == 0, limit);
            Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, limit);
        }
    }

    private static string Configuration() => Repository.Service("Zilla.AppHost").Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
}
