using System.Globalization;
using System.Text;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>The value of a metric under one set of labels. Measured from many threads at once.</summary>
internal abstract class MetricSeries(string labels)
{
    public string Labels => labels;

    /// <summary>The scrape at which an observable instrument told this series last.</summary>
    public int SeenAt { get; set; }

    public abstract void Record(double value);

    /// <param name="text">Gets one or more lines.</param>
    /// <param name="name">Of the metric, with its suffix.</param>
    /// <param name="common">Labels of every series; may be empty.</param>
    public abstract void Write(StringBuilder text, string name, string common);

    protected static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Number(value)).Append('\n');
    }

    protected static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
