using System.Globalization;

namespace Zilla.Control.Exchange;

/// <summary>RFC 7240.</summary>
internal static class Preference
{
    private const int Longest = 86400;

    /// <summary><c>wait=N</c> in seconds, at most a day; null if there is none.</summary>
    public static TimeSpan? Wait(HttpRequest request)
    {
        foreach (var preference in request.Headers["Prefer"].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries)))
        {
            if (preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && long.TryParse(preference.AsSpan("wait=".Length).Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
            {
                return TimeSpan.FromSeconds(Math.Min(seconds, Longest));
            }
        }

        return null;
    }
}
