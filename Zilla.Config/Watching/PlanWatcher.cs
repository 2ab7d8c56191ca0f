using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Zilla.Config.Events;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;

namespace Zilla.Config.Watching;

/// <summary>
/// Brings plans from Control to the <see cref="IPlanApplier"/>: one at a time, none twice, none older than the one in force; keeps the last
/// applied one on disk; stays at it for as long as the service runs.
/// </summary>
internal sealed class PlanWatcher(
    PlanWatcherOptions options,
    IPlanApplier applier,
    PlanProgress progress,
    PlanFile file,
    ControlConnection control,
    ReconnectBackoff backoff,
    TimeProvider time,
    EventSwitch events,
    IEnumerable<IPlanFollower> followers,
    ILogger<PlanWatcher> logger) : BackgroundService
{
    private CancellationToken _stop;
    private VersionedPlan? _kept;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stop = stoppingToken;
        _kept = file.Read();
        if (options.Control is not { } address)
        {
            PlanWatcherLog.NoControl(logger);
            progress.Lack("services:control:grpc:0 is not set and no plan was kept from before");
            await StartFromKeptAsync();
            return;
        }

        var started = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await control.WatchAsync(Id(progress.Applied), ReceiveAsync, stoppingToken);
                await RetryAsync(address, "Control ended the call");
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is RpcException or TimeoutException or IOException or InvalidOperationException)
            {
                progress.Lack($"Control at {address} cannot be reached");
                if (time.GetElapsedTime(started) >= options.Grace)
                {
                    await StartFromKeptAsync();
                }

                await RetryAsync(address, (problem as RpcException)?.Status.Detail ?? problem.Message);
            }
        }
    }

    private async Task RetryAsync(Uri address, string reason)
    {
        var delay = backoff.Next();
        PlanWatcherLog.ControlLost(logger, address, delay, reason);
        await Task.Delay(delay, time, _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Does nothing if another plan has been tried already.</summary>
    private async Task StartFromKeptAsync()
    {
        if (_kept is { } kept && progress.Status is { Applied: null, RefusedRevision: null })
        {
            PlanWatcherLog.StartingFromKeptPlan(logger, kept.Plan.Revision);
            await ApplyAsync(kept);
        }

        _kept = null;
    }

    private async Task<Outcome?> ReceiveAsync(PlanUpdate update)
    {
        backoff.Reset();
        switch (update.KindCase)
        {
            case PlanUpdate.KindOneofCase.None_:
                PlanWatcherLog.NoPlan(logger, update.None.Reason);
                progress.Lack($"Control has no plan: {update.None.Reason}");
                if (update.None.Last is { } last && last.Equals(Id(_kept)))
                {
                    await StartFromKeptAsync();
                }

                return null;

            case PlanUpdate.KindOneofCase.Plan when update.Plan.Id is { } id:
                var (verdict, reason) = await ReceiveAsync(id, update.Plan.Body.Memory);
                return new Outcome { Plan = id, Verdict = verdict, Reason = reason };

            default:
                return null; // of a newer Control
        }
    }

    private async Task<(Verdict Verdict, string Reason)> ReceiveAsync(PlanId id, ReadOnlyMemory<byte> body)
    {
        if (progress.Applied is { } applied && applied.Epoch == id.Epoch && applied.Plan.Revision > id.Revision)
        {
            PlanWatcherLog.Superseded(logger, id.Revision);
            return (Verdict.Superseded, $"plan {applied.Plan.Revision} is in force");
        }

        try
        {
            return await ApplyAsync(new VersionedPlan(id.Epoch, PlanJson.Deserialize(body.Span) with { Revision = id.Revision }));
        }
        catch (JsonException problem)
        {
            return Refuse(id.Revision, $"the plan cannot be read: {problem.Message}");
        }
    }

    private async Task<(Verdict Verdict, string Reason)> ApplyAsync(VersionedPlan plan)
    {
        var revision = plan.Plan.Revision;
        try
        {
            if (progress.Applied is { } applied && PlanJson.SaysTheSame(applied.Plan, plan.Plan))
            {
                PlanWatcherLog.Unchanged(logger, revision);
            }
            else
            {
                await applier.ApplyAsync(plan.Plan, _stop);
                PlanWatcherLog.Applied(logger, revision, plan.Plan.Namespace);
            }
        }
        catch (PlanRefusedException refusal)
        {
            return Refuse(revision, refusal.Message);
        }
        catch (Exception fault) when (!_stop.IsCancellationRequested)
        {
            PlanWatcherLog.Failed(logger, fault, revision);
            progress.Refuse(revision, $"{fault.GetType().Name}: {fault.Message}");
            return (Verdict.Refused, $"{fault.GetType().Name}: {fault.Message}");
        }

        Follow(plan.Plan);
        progress.Apply(plan);
        file.Write(plan);
        return (Verdict.Applied, "");
    }

    private void Follow(ServicePlan plan)
    {
        var before = events.Namespace;
        foreach (var follower in followers)
        {
            follower.Follow(plan);
        }

        if (before is null && events.Namespace is not null)
        {
            PlanWatcherLog.EventsBegin(logger, options.Service, options.Instance);
        }
    }

    private (Verdict Verdict, string Reason) Refuse(long revision, string reason)
    {
        PlanWatcherLog.Refused(logger, revision, reason);
        progress.Refuse(revision, reason);
        return (Verdict.Refused, reason);
    }

    private static PlanId? Id(VersionedPlan? plan) => plan is null ? null : new PlanId { Epoch = plan.Epoch, Revision = plan.Plan.Revision };
}
