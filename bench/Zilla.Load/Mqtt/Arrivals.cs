using System.Diagnostics;

namespace Zilla.Load.Mqtt;

/// <summary>
/// Counts what arrives in a Kafka topic, and lets publishers be so far ahead of it and no further: QoS 0 has no acknowledgement, and without a bound it would be
/// measured how fast messages are thrown away.
/// </summary>
internal sealed class Arrivals(KafkaTopic topic, Allowance allowance, long backlog)
{
    // Short against what a backlog lasts.
    private static readonly TimeSpan BetweenCounts = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private long _arrived;

    public long Missing => allowance.Sent - Interlocked.Read(ref _arrived);

    public async Task RunAsync(long before, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _arrived, await topic.CountAsync() - before);
            allowance.Raise(_arrived + backlog);
            await Task.WhenAny(Task.Delay(BetweenCounts, stopping));
        }
    }

    /// <summary>Until all that was sent is there, or nothing more comes.</summary>
    public async Task DrainAsync()
    {
        for (var (left, start) = (long.MaxValue, Stopwatch.GetTimestamp()); Missing > 0 && Stopwatch.GetElapsedTime(start) < Silence; await Task.Delay(BetweenCounts))
        {
            (left, start) = Missing < left ? (Missing, Stopwatch.GetTimestamp()) : (left, start);
        }
    }
}
