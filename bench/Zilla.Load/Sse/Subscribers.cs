using Zilla.Load.Http;

namespace Zilla.Load.Sse;

/// <summary>Opens many event streams, some at a time.</summary>
internal static class Subscribers
{
    private const int AtOnce = 32;

    /// <param name="target">Where.</param>
    /// <param name="key">The key of the nth.</param>
    /// <param name="count">How many.</param>
    /// <param name="fanOut">Counts what they receive.</param>
    /// <param name="bufferSize">Receive buffer of each, in bytes.</param>
    public static async Task<Subscriber[]> OpenAsync(Target target, Func<int, string> key, int count, FanOut fanOut, int bufferSize)
    {
        var subscribers = new Subscriber[count];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = limit.Token }, async (i, cancellation) =>
            subscribers[i] = await Subscriber.OpenAsync(target, key(i), fanOut, bufferSize, cancellation));
        foreach (var subscriber in subscribers)
        {
            _ = subscriber.ReadAsync();
        }

        return subscribers;
    }
}
