using Zilla.Load.Reporting;

namespace Zilla.Load.Processes;

/// <summary>The <see cref="MemoryTrend"/> of several groups of processes, and of all together.</summary>
internal sealed class MemoryTrends
{
    private readonly MemoryTrend _all = new();
    private readonly Dictionary<string, MemoryTrend> _groups = [];

    public int Count => _all.Count;

    public void Add(IReadOnlyList<(string Name, double Bytes)> groups)
    {
        _all.Add(groups.Sum(g => g.Bytes));
        foreach (var (name, bytes) in groups)
        {
            if (!_groups.TryGetValue(name, out var trend))
            {
                _groups[name] = trend = new();
            }

            trend.Add(bytes);
        }
    }

    public IEnumerable<(string Name, double Value)> Metrics() =>
        _groups.SelectMany(g => Of($".{g.Key}", g.Value)).Prepend((Measurement.Bytes, _all.Last)).Prepend((Measurement.Growth, _all.Growth));

    private static (string Name, double Value)[] Of(string group, MemoryTrend trend) => [(Measurement.Growth + group, trend.Growth), (Measurement.Bytes + group, trend.Last)];
}
