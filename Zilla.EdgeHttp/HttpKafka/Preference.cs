using System.Globalization;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>The preferences of RFC 7240 that reference §4.1 knows.</summary>
internal static class Preference
{
    /// <summary><c>Prefer: respond-async</c>.</summary>
    public static bool RespondAsync(HttpRequest request)
    {
        foreach (var line in request.Headers["Prefer"])
        {
            foreach (var range in line.AsSpan().SplitAny(";,"))
            {
                if (line.AsSpan(range).Trim().Equals("respond-async", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary><c>Prefer: wait=N</c>, N in seconds; null when absent or malformed.</summary>
    public static TimeSpan? Wait(HttpRequest request, TimeSpan max)
    {
        foreach (var line in request.Headers["Prefer"])
        {
            foreach (var range in line.AsSpan().SplitAny(";,"))
            {
                var preference = line.AsSpan(range).Trim();
                if (preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                    && uint.TryParse(preference["wait=".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                {
                    var wait = TimeSpan.FromSeconds(seconds);
                    return wait < max ? wait : max;
                }
            }
        }

        return null;
    }
}
