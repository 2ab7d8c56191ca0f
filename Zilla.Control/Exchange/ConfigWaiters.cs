using Zilla.Control.Publishing;

namespace Zilla.Control.Exchange;

/// <summary>Those who wait for another configuration with <c>Prefer: wait</c>; beyond <see cref="Most"/> they are answered at once.</summary>
internal sealed class ConfigWaiters(PublicationHolder holder, IHostApplicationLifetime lifetime, TimeProvider time)
{
    public const int Most = 1000;

    private int _waiting;

    /// <summary>The first publication for which <paramref name="wanted"/> holds, or what is current when the time is up or Control stops.</summary>
    public async Task<Publication> WaitAsync(Func<Publication, bool> wanted, TimeSpan wait, CancellationToken aborted)
    {
        using var late = new CancellationTokenSource(wait, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, aborted, lifetime.ApplicationStopping);
        try
        {
            if (Interlocked.Increment(ref _waiting) > Most)
            {
                return holder.Current;
            }

            while (true)
            {
                var (publication, replaced) = holder.Observe();
                if (wanted(publication) || end.IsCancellationRequested)
                {
                    return publication;
                }

                await replaced.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
