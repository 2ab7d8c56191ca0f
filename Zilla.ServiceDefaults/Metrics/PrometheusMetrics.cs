using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Zilla.ServiceDefaults.Metrics;

/// <summary>
/// Collects what the process measures and tells it as Prometheus text (format 0.0.4). Instruments measure into it from its creation on, so it is
/// created before the service starts.
/// </summary>
public sealed class PrometheusMetrics : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _scraping = new();
    private int _scrapes = 1;

    /// <param name="meters">Names of the meters to listen to; one that ends in <c>*</c> stands for all that begin so.</param>
    public PrometheusMetrics(params IEnumerable<string> meters)
    {
        var names = meters.ToArray();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Array.Exists(names, name => name.EndsWith('*') ? instrument.Meter.Name.StartsWith(name[..^1], StringComparison.Ordinal) : instrument.Meter.Name == name)
                && FamilyOf(instrument) is { } family)
            {
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => Record(family, value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => Record(family, (double)value, tags));
        _listener.Start();
    }

    /// <summary>All metrics as of now.</summary>
    /// <param name="attributes">Become labels of every series.</param>
    public string Scrape(IEnumerable<KeyValuePair<string, string>>? attributes = null)
    {
        var common = Labels.Of([.. (attributes ?? []).Select(a => new Tag(a.Key, a.Value))]);
        var text = new StringBuilder();
        lock (_scraping)
        {
            _scrapes++;
            foreach (var (_, family) in _families)
            {
                family.Begin(_scrapes);
            }

            _listener.RecordObservableInstruments();
            foreach (var (_, family) in _families.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                family.Write(text, common);
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private static void Record(object? family, double value, ReadOnlySpan<Tag> tags) => ((MetricFamily)family!).Record(value, tags);

    /// <summary>Instruments of one name share a family, as those of several hosts in one process do. Null: nothing that is known.</summary>
    private MetricFamily? FamilyOf(Instrument instrument)
    {
        if (KindOf(instrument) is not { } kind)
        {
            return null;
        }

        var family = _families.GetOrAdd(MetricFamily.NameOf(instrument, kind), _ => new MetricFamily(instrument, kind, BoundsOf(instrument)));
        family.Begin(_scrapes);
        return family;
    }

    private static InstrumentKind? KindOf(Instrument instrument) => instrument.GetType() is not { IsGenericType: true } type ? null
        : type.GetGenericTypeDefinition() switch
        {
            var t when t == typeof(Counter<>) => InstrumentKind.Counter,
            var t when t == typeof(UpDownCounter<>) => InstrumentKind.UpDown,
            var t when t == typeof(Gauge<>) => InstrumentKind.Gauge,
            var t when t == typeof(Histogram<>) => InstrumentKind.Histogram,
            var t when t == typeof(ObservableCounter<>) => InstrumentKind.ObservedCounter,
            var t when t == typeof(ObservableUpDownCounter<>) || t == typeof(ObservableGauge<>) => InstrumentKind.ObservedGauge,
            _ => null,
        };

    private static IReadOnlyList<double>? BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => bounds,
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        _ => null,
    };
}
