using System.Text.Json;
using Microsoft.Extensions.Logging;
using Zilla.Config.Plans;

namespace Zilla.Config.Watching;

/// <summary>The last applied plan on disk.</summary>
internal sealed class PlanFile(PlanWatcherOptions options, ILogger<PlanFile> logger)
{
    private const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Null if there is none, or none that can be read: that is logged, and the service starts without.</summary>
    public VersionedPlan? Read()
    {
        if (options.PlanFile is not { } path || !File.Exists(path))
        {
            return null;
        }

        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new JsonException($"larger than {MaxBytes} bytes");
            }

            var kept = PlanJson.Deserialize<KeptPlan>(File.ReadAllBytes(path));
            return kept.Service == options.Service
                ? new VersionedPlan(kept.Epoch, kept.Plan)
                : throw new JsonException($"it is a plan for {kept.Service}");
        }
        catch (Exception problem) when (problem is JsonException or IOException or UnauthorizedAccessException)
        {
            PlanWatcherLog.KeptPlanUnreadable(logger, path, problem.Message);
            return null;
        }
    }

    /// <summary>A failure is logged and costs only the next start without Control.</summary>
    public void Write(VersionedPlan plan)
    {
        if (options.PlanFile is not { } path)
        {
            return;
        }

        try
        {
            StateFile.Write(path, PlanJson.Serialize(new KeptPlan(options.Service, plan.Epoch, plan.Plan)));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            PlanWatcherLog.PlanNotKept(logger, path, problem.Message);
        }
    }

    private sealed record KeptPlan(string Service, string Epoch, ServicePlan Plan);
}
