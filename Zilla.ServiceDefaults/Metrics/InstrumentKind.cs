namespace Zilla.ServiceDefaults.Metrics;

/// <summary>What becomes of an instrument's measurements.</summary>
internal enum InstrumentKind
{
    /// <summary>Sums what is added; never goes down.</summary>
    Counter,

    /// <summary>Sums what is added; a gauge.</summary>
    UpDown,

    /// <summary>Keeps what was said last; a gauge.</summary>
    Gauge,

    Histogram,

    /// <summary>Asked at each scrape, tells the sum itself.</summary>
    ObservedCounter,

    /// <summary>Asked at each scrape.</summary>
    ObservedGauge,
}
