namespace Zilla.Load;

/// <summary>What one subscriber of a run gets: counts it, and how long each took from its publisher to here.</summary>
internal sealed class Deliveries(FanOut fanOut)
{
    private bool _warm;

    public Histogram Latencies { get; } = new();

    /// <param name="published">When, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> has it.</param>
    /// <param name="now">When it came.</param>
    public void Count(long published, long now)
    {
        if (published >= fanOut.Start)
        {
            Latencies.Record(now - published);
            fanOut.Delivered();
        }
        else if (!_warm)
        {
            _warm = true;
            fanOut.Warm();
        }
    }
}
