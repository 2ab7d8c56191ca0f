using System.Text;

namespace Zilla.ServiceDefaults.Metrics;

/// <param name="labels">Of the series.</param>
/// <param name="bounds">The upper limits, included, in ascending order; what is above them all counts as <c>+Inf</c>.</param>
internal sealed class HistogramSeries(string labels, IReadOnlyList<double> bounds) : MetricSeries(labels)
{
    private readonly double[] _bounds = [.. bounds];
    private readonly long[] _counts = new long[bounds.Count + 1];
    private readonly Lock _lock = new();
    private double _sum;

    public override void Record(double value)
    {
        var index = Array.BinarySearch(_bounds, value);
        lock (_lock)
        {
            _counts[index < 0 ? ~index : index]++;
            _sum += value;
        }
    }

    public override void Write(StringBuilder text, string name, string common)
    {
        long[] counts;
        double sum;
        lock (_lock)
        {
            (counts, sum) = ([.. _counts], _sum);
        }

        var labels = Metrics.Labels.Join(common, Labels);
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            var bound = i < _bounds.Length ? _bounds[i] : double.PositiveInfinity;
            Line(text, name + "_bucket", Metrics.Labels.Join(labels, $"le=\"{Number(bound)}\""), total);
        }

        Line(text, name + "_sum", labels, sum);
        Line(text, name + "_count", labels, total);
    }
}
