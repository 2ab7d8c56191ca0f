namespace Zilla.Load.Processes;

/// <summary>Looks at the memory of processes, at equal distances in time, and where it goes.</summary>
internal sealed class MemoryTrend
{
    private readonly List<double> _samples = [];

    public void Add(double bytes) => _samples.Add(bytes);

    public int Count => _samples.Count;

    /// <summary>The least of the last quarter of the time; NaN before four samples.</summary>
    public double Last => LeastOf(3);

    /// <summary>
    /// How much more the least of the last quarter of the time is than that of the second, as a part of that: 0.1 = a tenth more. The first is for what is compiled
    /// and filled once; the least, because what is there for a moment is no growth. NaN before four samples.
    /// </summary>
    public double Growth => (LeastOf(3) / LeastOf(1)) - 1;

    private double LeastOf(int quarter) => _samples.Count < 4 ? double.NaN : _samples[(_samples.Count * quarter / 4)..(_samples.Count * (quarter + 1) / 4)].Min();
}
