using System.Globalization;

namespace Zilla.EdgeHttp.Files;

/// <summary>
/// Conditional requests (RFC 9110 §13): tags before dates, and a date counts only where no tag is given. A date that cannot be read counts as absent.
/// </summary>
internal static class Conditions
{
    /// <summary>If-Match, else If-Unmodified-Since; 412 otherwise. A weak tag matches nothing.</summary>
    public static bool Hold(HttpRequest request, FileContent content)
    {
        var tags = request.Headers.GetCommaSeparatedValues("If-Match");
        return tags.Length > 0
            ? tags.Any(tag => tag == "*" || tag.Trim('"') == content.EntityTag.Trim('"'))
            : Date(request.Headers.IfUnmodifiedSince) is not { } since || Seconds(content.LastModified) <= since;
    }

    /// <summary>If-None-Match, quotes or none, else If-Modified-Since: 304.</summary>
    public static bool IsUnchanged(HttpRequest request, FileContent content)
    {
        var tags = request.Headers.GetCommaSeparatedValues("If-None-Match");
        return tags.Length > 0
            ? tags.Any(tag => tag == "*" || (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"') == content.EntityTag.Trim('"'))
            : Date(request.Headers.IfModifiedSince) is { } since && Seconds(content.LastModified) <= since;
    }

    private static DateTime? Date(string? header) =>
        DateTime.TryParseExact(header, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date : null;

    /// <summary>HTTP's dates have whole seconds.</summary>
    private static DateTime Seconds(DateTime date) => date.AddTicks(-(date.Ticks % TimeSpan.TicksPerSecond));
}
