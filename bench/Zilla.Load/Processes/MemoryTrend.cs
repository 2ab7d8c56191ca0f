namespace Zilla.Load.Processes;

/// <summary>Looks at the memory of processes, at equal distances in time, and where it goes.</summary>
internal sealed class MemoryTrend
{
    private readonly List<double> _samples = [];

    public void Add(double bytes) => _samples.Add(bytes);

    public int Count => _samples.Count;

    /// <summary>Of the last quarter of the time, by the median; NaN before four samples.</summary>
    public double Last => Quarter(3);

    /// <summary>
    /// How much more the last quarter of the time has than the second, as a part of that: 0.1 = a tenth more. The first is for what is compiled and filled
    /// once. NaN before four samples.
    /// </summary>
    public double Growth => (Quarter(3) / Quarter(1)) - 1;

    private double Quarter(int index)
    {
        var sorted = _samples[(_samples.Count * index / 4)..(_samples.Count * (index + 1) / 4)].Order().ToArray();
        return _samples.Count < 4 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
