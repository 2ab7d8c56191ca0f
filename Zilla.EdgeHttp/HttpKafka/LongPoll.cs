using Zilla.Edge.Cache;
using Zilla.Edge.Http;

namespace Zilla.EdgeHttp.HttpKafka;

internal static class LongPoll
{
    /// <summary>Whether a record came before the time was over or the listener began to close.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public static async Task<bool> WaitAsync(Exchange exchange, Subscription subscription, TimeSpan wait, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(wait, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, exchange.Aborted, exchange.Closing);
        try
        {
            await subscription.WaitToReadAsync(any.Token);
            return true;
        }
        catch (OperationCanceledException) when (!exchange.Aborted.IsCancellationRequested)
        {
            return false;
        }
    }
}
