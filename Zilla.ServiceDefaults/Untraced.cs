using System.Diagnostics;

namespace Zilla.ServiceDefaults;

/// <summary>For requests that come again and again and say nothing.</summary>
internal static class Untraced
{
    /// <summary>Has exporters drop the span of the request that is being answered.</summary>
    public static void Mark()
    {
        if (Activity.Current is { } activity)
        {
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
