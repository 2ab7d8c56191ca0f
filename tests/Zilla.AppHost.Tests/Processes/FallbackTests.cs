using System.Net;
using Zilla.Testing;

namespace Zilla.AppHost.Tests.Processes;

[Collection("processes")]
public sealed class FallbackTests
{
    [Fact]
    public async Task Run_BundleIsMissing_ServesAsPlainChildProcesses_AndSaysSo()
    {
        var nowhere = new Dictionary<string, string?> { ["ZILLA_CACHE"] = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")) };
        await using var suite = await RunningSuite.StartAsync([], nowhere);

        Assert.Contains("The suite runs as plain child processes, without the dashboard.", suite.Process.Output, StringComparison.Ordinal);
        foreach (var (process, program) in suite.Processes())
        {
            Assert.All(Listening.Of(process), endpoint => Assert.True(IPAddress.IsLoopback(endpoint.Address), $"{program} listens on {endpoint}"));
        }

        Assert.DoesNotContain("/login?t=", suite.Process.Output, StringComparison.Ordinal);
        Assert.Contains(suite.Process.Lines, line => line.StartsWith("  edge-http-0", StringComparison.Ordinal) && line.Contains("healthy", StringComparison.Ordinal));

        // Where the page with the bindings is.
        Assert.Contains(suite.Process.Lines, line => line.StartsWith("  control-0", StringComparison.Ordinal) && line.Contains("http://127.0.0.1:", StringComparison.Ordinal));
    }
}
