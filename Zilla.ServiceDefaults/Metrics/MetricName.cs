using System.Text;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>What Prometheus knows an instrument or a tag by (reference §3.6).</summary>
internal static class MetricName
{
    /// <summary>
    /// <c>http.request.size</c> in bytes → <c>http_request_size_bytes</c>; a counter ends in <c>_total</c>. Milliseconds get no suffix, as
    /// <c>http_duration</c> has none in Zilla; seconds get theirs.
    /// </summary>
    public static string Of(string name, string? unit, bool isCounter)
    {
        var text = new StringBuilder(Legal(name));
        Append(text, unit switch { "By" => "_bytes", "s" => "_seconds", _ => "" });
        Append(text, isCounter ? "_total" : "");
        return text.ToString();
    }

    /// <summary>Every character that a label or a metric may not have becomes an underscore.</summary>
    public static string Legal(string name)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            if (char.IsAsciiDigit(c) && text.Length == 0)
            {
                text.Append('_');
            }

            text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return text.Length == 0 ? "_" : text.ToString();
    }

    private static void Append(StringBuilder text, string suffix)
    {
        if (!text.ToString().EndsWith(suffix, StringComparison.Ordinal))
        {
            text.Append(suffix);
        }
    }
}
