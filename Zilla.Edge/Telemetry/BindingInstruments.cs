using System.Diagnostics.Metrics;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Telemetry;

/// <summary>What the instruments of bindings have in common: which of them a binding asks for; histograms whose buckets end at powers of two.</summary>
public static class BindingInstruments
{
    /// <summary>1, 2, 4 … some two minutes; what lasts longer streams.</summary>
    private const int DurationBuckets = 18;

    /// <summary>2, 4, 8 … 1 Gi.</summary>
    private const int AmountBuckets = 30;

    /// <summary>Whether the binding's <c>telemetry</c> asks for it; one that has none asks for all.</summary>
    public static bool Selects(this BindingConfig binding, Instrument instrument)
    {
        ArgumentNullException.ThrowIfNull(binding);
        ArgumentNullException.ThrowIfNull(instrument);
        return binding.Telemetry?.Metrics.Contains(instrument.Name) ?? true;
    }

    /// <summary>A histogram of bytes, or of messages.</summary>
    public static Histogram<long> CreateAmounts(this Meter meter, string name, string unit, string description)
    {
        ArgumentNullException.ThrowIfNull(meter);
        return meter.CreateHistogram(name, unit, description, null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. Enumerable.Range(1, AmountBuckets).Select(i => 1L << i)] });
    }

    /// <summary>A histogram of milliseconds.</summary>
    /// <param name="meter">Where the histogram is to be.</param>
    /// <param name="name">Its name.</param>
    /// <param name="description">What lasts so long.</param>
    /// <param name="buckets">How many, from 1 ms on.</param>
    public static Histogram<double> CreateDurations(this Meter meter, string name, string description, int buckets = DurationBuckets)
    {
        ArgumentNullException.ThrowIfNull(meter);
        return meter.CreateHistogram(name, "ms", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [.. Enumerable.Range(0, buckets).Select(i => (double)(1L << i))] });
    }
}
