using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Zilla.EdgeHttp.Tests.Server;

/// <summary>What is measured of some bindings of <c>Zilla.Edge.*</c>, added up by metric and tags.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _sums = new();

    /// <param name="bindings">By name; those of nobody else.</param>
    public Measured(params string[] bindings)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Zilla.Edge.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(bindings, instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(bindings, instrument.Name, 1, tags));
        _listener.Start();
    }

    /// <summary>Of one binding, without its namespace and name: <c>stream.opens.received = 2</c>, <c>http.duration {method=GET} = 1</c> (how often); those that are 0 are left out.</summary>
    public IReadOnlyList<string> Of(string binding) =>
        [.. _sums.Where(sum => sum.Value != 0 && sum.Key.StartsWith(binding + " ", StringComparison.Ordinal)).Select(sum => FormattableString.Invariant($"{sum.Key[(binding.Length + 1)..]} = {sum.Value}")).Order(StringComparer.Ordinal)];

    public void Dispose() => _listener.Dispose();

    private void Add(string[] bindings, string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags is [{ Key: "namespace", Value: "tests" }, { Key: "binding", Value: string binding }, ..] && bindings.Contains(binding))
        {
            var others = string.Join(",", tags[2..].ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            _sums.AddOrUpdate($"{binding} {name}{(others.Length > 0 ? $" {{{others}}}" : "")}", value, (_, sum) => sum + value);
        }
    }
}
