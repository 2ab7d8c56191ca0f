using System.Text;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>A counter or a gauge: a sum of what was measured, or the last of it.</summary>
internal sealed class ValueSeries(string labels, bool adds) : MetricSeries(labels)
{
    private double _value;

    public override void Record(double value)
    {
        if (!adds)
        {
            Volatile.Write(ref _value, value);
            return;
        }

        double seen;
        do
        {
            seen = Volatile.Read(ref _value);
        }
        while (Interlocked.CompareExchange(ref _value, seen + value, seen) != seen);
    }

    public override void Write(StringBuilder text, string name, string common) =>
        Line(text, name, Metrics.Labels.Join(common, Labels), Volatile.Read(ref _value));
}
