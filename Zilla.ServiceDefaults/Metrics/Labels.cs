using System.Globalization;
using System.Text;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>Labels of the text format, without braces: <c>binding="http",namespace="example"</c>.</summary>
internal static class Labels
{
    /// <summary>In the order of their names, so that the order of tags makes no difference; of two tags with one name the last counts.</summary>
    public static string Of(ReadOnlySpan<Tag> tags)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in tags)
        {
            labels[MetricName.Legal(name)] = Text(value);
        }

        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            Escape(text, value).Append('"');
        }

        return text.ToString();
    }

    /// <summary>Both; either may be empty.</summary>
    public static string Join(string one, string other) => one.Length == 0 ? other : other.Length == 0 ? one : $"{one},{other}";

    private static string Text(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static StringBuilder Escape(StringBuilder text, string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append(@"\n"),
                _ => text.Append(c),
            };
        }

        return text;
    }
}
