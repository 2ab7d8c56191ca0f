using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Dcp;
using Zilla.AppHost.Hosting.LocalProcesses;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting;

/// <summary>What runs the processes this time. <paramref name="Bundle"/> is null where there is no dashboard to be had.</summary>
internal sealed record OrchestratorSelection(IOrchestrator Orchestrator, Bundle? Bundle) : IAsyncDisposable
{
    /// <summary>Aspire's orchestrator if it is there and works; otherwise plain child processes, and a line that says so.</summary>
    /// <exception cref="IOException">The user insists on Aspire's, and it is not there or does not work.</exception>
    public static async Task<OrchestratorSelection> StartAsync(AppHostOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        if (options.Orchestrator == OrchestratorChoice.Local)
        {
            return Local();
        }

        var bundle = Bundle.Locate(Environment.GetEnvironmentVariable);
        try
        {
            return bundle.Exists
                ? new OrchestratorSelection(new DcpOrchestrator(await DcpSession.StartAsync(bundle.Dcp, cancellationToken)), bundle)
                : throw new IOException($"Aspire's orchestrator is not in {bundle.Folder}.");
        }
        catch (IOException missing) when (options.Orchestrator == OrchestratorChoice.Automatic)
        {
            await output.WriteLineAsync($"{missing.Message} The suite runs as plain child processes, without the dashboard.");
            return Local();
        }
    }

    public ValueTask DisposeAsync() => Orchestrator.DisposeAsync();

    private static OrchestratorSelection Local() => new(new LocalOrchestrator(TimeProvider.System), null);
}
