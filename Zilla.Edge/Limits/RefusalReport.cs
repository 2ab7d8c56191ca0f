using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Zilla.Edge.Limits;

/// <summary>Counts what one limit refuses. Clients can cause any number of refusals, so that a line of the log stands for all of an interval.</summary>
internal sealed class RefusalReport(string binding, string limit, TimeSpan interval, TimeProvider time, ILogger logger)
{
    private readonly TagList _tags = new([new("binding", binding), new("limit", limit)]);
    private long _untold;
    private long _told;

    public void Add()
    {
        EdgeTelemetry.Refused.Add(1, _tags);
        Interlocked.Increment(ref _untold);
        var (now, told) = (time.GetTimestamp(), Volatile.Read(ref _told));
        if ((told == 0 || time.GetElapsedTime(told, now) >= interval) && Interlocked.CompareExchange(ref _told, now, told) == told)
        {
            LimitLog.Refused(logger, binding, limit, Interlocked.Exchange(ref _untold, 0));
        }
    }
}
