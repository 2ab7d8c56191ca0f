using Grpc.Core;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>What the dashboard asks the AppHost: which resources there are, what they write, and to start and stop them.</summary>
internal sealed class ResourceService(SuiteRunner suite, ApplicationPlan plan, IOrchestrator orchestrator, IHostApplicationLifetime lifetime)
    : Wire.DashboardService.DashboardServiceBase
{
    private const int LogLinesPerMessage = 500;

    public override Task<Wire.ApplicationInformationResponse> GetApplicationInformation(Wire.ApplicationInformationRequest request, ServerCallContext context) =>
        Task.FromResult(new Wire.ApplicationInformationResponse { ApplicationName = "Zilla" });

    public override Task WatchResources(
        Wire.WatchResourcesRequest request, IServerStreamWriter<Wire.WatchResourcesUpdate> responseStream, ServerCallContext context) =>
        UntilGoneAsync(context, async gone =>
        {
            using var watch = suite.Catalog.Watch();
            var initial = new Wire.InitialResourceData();
            initial.Resources.AddRange(watch.Initial.Select(s => ResourceMessages.ToMessage(s, plan)));
            initial.ResourceTypes.AddRange(watch.Initial.Select(s => ResourceMessages.TypeOf(s.Resource)).Distinct().Select(t => new Wire.ResourceType { UniqueName = t, DisplayName = t }));
            await responseStream.WriteAsync(new Wire.WatchResourcesUpdate { InitialData = initial }, gone);
            while (await watch.Changes.WaitToReadAsync(gone))
            {
                var changes = new Wire.WatchResourcesChanges();
                while (watch.Changes.TryRead(out var snapshot))
                {
                    changes.Value.Add(new Wire.WatchResourcesChange { Upsert = ResourceMessages.ToMessage(snapshot, plan) });
                }

                await responseStream.WriteAsync(new Wire.WatchResourcesUpdate { Changes = changes }, gone);
            }
        });

    public override Task WatchResourceConsoleLogs(
        Wire.WatchResourceConsoleLogsRequest request, IServerStreamWriter<Wire.WatchResourceConsoleLogsUpdate> responseStream, ServerCallContext context) =>
        UntilGoneAsync(context, async gone =>
        {
            var number = 0;
            await foreach (var lines in LogBatches.OfAsync(orchestrator.ReadLogsAsync(request.ResourceName, !request.SuppressFollow, gone), LogLinesPerMessage, gone))
            {
                var update = new Wire.WatchResourceConsoleLogsUpdate();
                update.LogLines.AddRange(lines.Select(l => new Wire.ConsoleLogLine { Text = l.Text, IsStdErr = l.IsError, LineNumber = ++number }));
                await responseStream.WriteAsync(update, gone);
            }
        });

    public override async Task<Wire.ResourceCommandResponse> ExecuteResourceCommand(Wire.ResourceCommandRequest request, ServerCallContext context)
    {
        if (suite.Find(request.ResourceName) is not { } runner)
        {
            return Failed($"There is no '{request.ResourceName}'.");
        }

        try
        {
            // Not the caller's token: a command once begun is not left half done because a browser window closed.
            var stopping = lifetime.ApplicationStopping;
            await (request.CommandName switch
            {
                ResourceCommands.Start => runner.StartAsync(stopping),
                ResourceCommands.Stop => runner.StopAsync(stopping),
                ResourceCommands.Restart => runner.RestartAsync(stopping),
                _ => throw new IOException($"There is no command '{request.CommandName}'."),
            });
            return new Wire.ResourceCommandResponse { Kind = Wire.ResourceCommandResponseKind.Succeeded };
        }
        catch (Exception failed) when (failed is IOException or HttpRequestException or OperationCanceledException)
        {
            return Failed(failed.Message);
        }
    }

    public override Task WatchInteractions(
        IAsyncStreamReader<Wire.WatchInteractionsRequest> requestStream, IServerStreamWriter<Wire.WatchInteractionsUpdate> responseStream, ServerCallContext context) =>
        UntilGoneAsync(context, async gone =>
        {
            while (await requestStream.MoveNext(gone))
            {
            }
        });

    private static Wire.ResourceCommandResponse Failed(string message) => new() { Kind = Wire.ResourceCommandResponseKind.Failed, Message = message };

    /// <summary>Runs a call until its caller has gone or we stop; either is a good end.</summary>
    private async Task UntilGoneAsync(ServerCallContext context, Func<CancellationToken, Task> call)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await call(gone.Token);
        }
        catch (Exception ended) when (gone.IsCancellationRequested && ended is OperationCanceledException or IOException or InvalidOperationException)
        {
        }
    }
}
