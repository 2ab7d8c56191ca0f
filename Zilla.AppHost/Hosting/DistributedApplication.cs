using Zilla.AppHost.Hosting.Arguments;
using Zilla.AppHost.Hosting.Dashboard;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Publishing;
using Zilla.AppHost.Hosting.Reporting;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting;

/// <summary>The suite, ready to run.</summary>
internal sealed class DistributedApplication(DistributedApplicationBuilder model)
{
    private const int Refused = 2;
    private const int Failed = 1;

    /// <summary>What everything must have ended in once we are asked to stop.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(9);

    /// <summary>Reads the command line and the <c>ZILLA_*</c> variables; what is wrong with them is said when it runs.</summary>
    public static DistributedApplicationBuilder CreateBuilder(string[] args) =>
        new(AppHostArguments.Parse(args, Environment.GetEnvironmentVariable, Workspace.Current()));

    /// <summary>Runs until it is told to stop, or writes the files that were asked for.</summary>
    /// <returns>The exit code: 0 after a stop or when the files are written, 2 if the arguments or the configuration to publish are refused, 1 if the suite cannot run.</returns>
    public async Task<int> RunAsync()
    {
        if (model.Options is { Help: true } or { Error: not null })
        {
            await (model.Options.Help ? Console.Out : Console.Error).WriteLineAsync(model.Options.Help ? HelpText.Text : model.Options.Error);
            return model.Options.Help ? 0 : Refused;
        }

        try
        {
            if (model.Options.Publish is { } request)
            {
                await new Publisher(model, Console.Out).RunAsync(request);
                return 0;
            }

            ApplicationPlan.Check(model);
            using var termination = new Termination(TimeProvider.System);
            await using var hosting = await OrchestratorSelection.StartAsync(model.Options, Console.Out, termination.Requested);
            return await RunAsync(hosting, termination.Requested);
        }
        catch (FormatException refused)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return Refused;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return Failed;
        }
        catch (OperationCanceledException)
        {
            return 0; // told to stop before it had begun
        }
    }

    private async Task<int> RunAsync(OrchestratorSelection hosting, CancellationToken stop)
    {
        var ports = new PortAllocator(Random.Shared);
        var dashboard = DashboardSession.Add(model, hosting.Bundle, ports);
        var plan = ApplicationPlan.Create(model, ports);
        dashboard?.CheckPort(plan);

        using var http = HealthProbe.CreateClient();
        using var suite = new SuiteRunner(plan, hosting.Orchestrator, new HealthProbe(http, TimeProvider.System), TimeProvider.System);
        await using var resourceService = dashboard is null ? null : await dashboard.ServeResourcesAsync(suite, plan, hosting.Orchestrator, stop);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var report = new ConsoleReport(Console.Out, plan, hosting.Orchestrator, dashboard?.LoginLink(plan), TimeProvider.System).RunAsync(suite.Catalog, ended.Token);
        var run = suite.RunAsync(ended.Token);
        var first = await Task.WhenAny(run, hosting.Orchestrator.Lost);
        await ended.CancelAsync();
        await report;
        if (first == hosting.Orchestrator.Lost)
        {
            throw new IOException("The orchestrator has gone, and everything it ran with it.");
        }

        await run;
        await StopAsync(suite);
        return 0;
    }

    private static async Task StopAsync(SuiteRunner suite)
    {
        await Console.Out.WriteLineAsync("Stopping.");
        using var deadline = new CancellationTokenSource(StopTimeout);
        try
        {
            await suite.StopAsync(deadline.Token);
        }
        catch (Exception slow) when (slow is OperationCanceledException or HttpRequestException or IOException)
        {
            await Console.Error.WriteLineAsync($"Not everything stopped in good order: {slow.Message}");
            suite.Kill();
        }
    }
}
