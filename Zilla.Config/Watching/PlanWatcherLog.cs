using Microsoft.Extensions.Logging;
using Zilla.Config.Events;

namespace Zilla.Config.Watching;

internal static partial class PlanWatcherLog
{
    [LoggerMessage(1, LogLevel.Information, "Plan {Revision} of '{Namespace}' is in force")]
    public static partial void Applied(ILogger logger, long revision, string @namespace);

    [LoggerMessage(2, LogLevel.Information, "Plan {Revision} says the same as the one in force")]
    public static partial void Unchanged(ILogger logger, long revision);

    [LoggerMessage(3, LogLevel.Error, "Plan {Revision} is refused, the one before stays in force: {Reason}")]
    public static partial void Refused(ILogger logger, long revision, string reason);

    [LoggerMessage(4, LogLevel.Error, "Plan {Revision} could not be applied, the one before stays in force")]
    public static partial void Failed(ILogger logger, Exception fault, long revision);

    [LoggerMessage(5, LogLevel.Warning, "Plan {Revision} is older than the one in force and is left aside")]
    public static partial void Superseded(ILogger logger, long revision);

    [LoggerMessage(6, LogLevel.Warning, "Control has no plan: {Reason}")]
    public static partial void NoPlan(ILogger logger, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Lost Control at {Address}, next attempt in {Delay}: {Reason}")]
    public static partial void ControlLost(ILogger logger, Uri address, TimeSpan delay, string reason);

    [LoggerMessage(8, LogLevel.Warning, "Control has no plan to give: starting from plan {Revision}, kept from before")]
    public static partial void StartingFromKeptPlan(ILogger logger, long revision);

    [LoggerMessage(9, LogLevel.Warning, "services:control:grpc:0 is not set: no plans are watched")]
    public static partial void NoControl(ILogger logger);

    [LoggerMessage(10, LogLevel.Error, "The plan kept in {Path} is skipped: {Reason}")]
    public static partial void KeptPlanUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(12, LogLevel.Information, "{Service} {Instance} tells its events from now on", EventName = EventNames.EngineStarted)]
    public static partial void EventsBegin(ILogger logger, string service, string instance);

    [LoggerMessage(11, LogLevel.Error, "The plan could not be kept in {Path}: {Reason}")]
    public static partial void PlanNotKept(ILogger logger, string path, string reason);
}
