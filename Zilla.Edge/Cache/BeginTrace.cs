using System.Diagnostics;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

internal static class BeginTrace
{
    /// <summary>Has what the replica does for this stream appear under <paramref name="activity"/> (W3C trace context).</summary>
    public static Begin WithTrace(this Begin begin, Activity? activity)
    {
        if (activity is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            begin.Traceparent = id;
            begin.Tracestate = activity.TraceStateString ?? "";
        }

        return begin;
    }
}
