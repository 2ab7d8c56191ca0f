using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>A metric with all its series.</summary>
internal sealed class MetricFamily
{
    /// <summary>More sets of labels than this share one series, <c>otel_metric_overflow="true"</c>: labels that clients choose must not take all memory.</summary>
    public const int MaxSeries = 2000;

    /// <summary>2, 4, 8 … 1 Gi, as in Zilla (reference §3.5), which goes on to 2^63.</summary>
    private static readonly double[] PowersOfTwo = [.. Enumerable.Range(1, 30).Select(i => (double)(1L << i))];

    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ConcurrentDictionary<Tag[], MetricSeries> _byTags = new(TagSet.Comparer);
    private readonly ConcurrentDictionary<Tag[], MetricSeries>.AlternateLookup<ReadOnlySpan<Tag>> _lookup;
    private readonly ConcurrentDictionary<string, MetricSeries> _byLabels = new(StringComparer.Ordinal);
    private readonly InstrumentKind _kind;
    private readonly IReadOnlyList<double> _bounds;
    private readonly string _help;
    private readonly MetricSeries _overflow;
    private int _scrape;

    public MetricFamily(Instrument instrument, InstrumentKind kind, IReadOnlyList<double>? bounds)
    {
        _kind = kind;
        _bounds = bounds ?? (instrument.Unit == "s" ? Seconds : PowersOfTwo);
        _lookup = _byTags.GetAlternateLookup<ReadOnlySpan<Tag>>();
        _overflow = Create("otel_metric_overflow=\"true\"");
        _help = (instrument.Description ?? "").Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        Name = NameOf(instrument, kind);
    }

    public string Name { get; }

    public static string NameOf(Instrument instrument, InstrumentKind kind) => MetricName.Of(instrument.Name, instrument.Unit, kind is InstrumentKind.Counter or InstrumentKind.ObservedCounter);

    /// <summary>Allocates only for tags that come for the first time.</summary>
    public void Record(double value, ReadOnlySpan<Tag> tags)
    {
        var series = _lookup.TryGetValue(tags, out var known) ? known : Add(tags);
        series.SeenAt = _scrape;
        series.Record(value);
    }

    /// <summary>What observable instruments tell from now on belongs to <paramref name="scrape"/>.</summary>
    public void Begin(int scrape) => _scrape = scrape;

    public void Write(StringBuilder text, string common)
    {
        ForgetUnseen();
        var series = _byLabels.Values.Append(_overflow).Where(s => s != _overflow || s.SeenAt > 0).OrderBy(s => s.Labels, StringComparer.Ordinal).ToList();
        if (series.Count == 0)
        {
            return;
        }

        text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n')
            .Append("# TYPE ").Append(Name).Append(' ').Append(_kind switch
            {
                InstrumentKind.Counter or InstrumentKind.ObservedCounter => "counter",
                InstrumentKind.Histogram => "histogram",
                _ => "gauge",
            }).Append('\n');
        series.ForEach(s => s.Write(text, Name, common));
    }

    /// <summary>A topic that is held no longer is told of no longer.</summary>
    private void ForgetUnseen()
    {
        if (_kind is not (InstrumentKind.ObservedCounter or InstrumentKind.ObservedGauge))
        {
            return;
        }

        foreach (var (tags, series) in _byTags)
        {
            if (series.SeenAt != _scrape)
            {
                _byTags.TryRemove(tags, out _);
                _byLabels.TryRemove(series.Labels, out _);
            }
        }
    }

    private MetricSeries Add(ReadOnlySpan<Tag> tags)
    {
        if (_byTags.Count >= MaxSeries)
        {
            return _overflow;
        }

        var series = _byLabels.GetOrAdd(Labels.Of(tags), Create);
        _lookup.TryAdd(tags, series);
        return series;
    }

    private MetricSeries Create(string labels) =>
        _kind == InstrumentKind.Histogram ? new HistogramSeries(labels, _bounds) : new ValueSeries(labels, _kind is InstrumentKind.Counter or InstrumentKind.UpDown);
}
