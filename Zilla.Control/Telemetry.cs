using System.Diagnostics;
using System.Diagnostics.Metrics;
using Zilla.Control.Publishing;

namespace Zilla.Control;

/// <summary>Source and meter <c>Zilla.Control</c>.</summary>
internal sealed class Telemetry : IDisposable
{
    private const string Name = "Zilla.Control";

    private readonly Meter _meter;
    private readonly Counter<long> _loads;

    public Telemetry(IMeterFactory meters, PublicationHolder publications)
    {
        _meter = meters.Create(Name);
        _loads = _meter.CreateCounter<long>("zilla.control.loads", "{load}", "Configurations read, by outcome");
        _meter.CreateObservableGauge("zilla.control.revision", () => publications.Current.Published?.Revision ?? 0, null, "Revision in force; 0 = none");
    }

    public ActivitySource Activities { get; } = new(Name);

    /// <param name="outcome">"published", "unchanged", "refused", "unreadable", or "superseded" by what was put.</param>
    public void Loaded(string outcome) => _loads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose()
    {
        Activities.Dispose();
        _meter.Dispose();
    }
}
