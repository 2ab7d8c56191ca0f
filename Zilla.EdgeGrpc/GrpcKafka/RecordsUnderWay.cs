using Zilla.Edge.Cache;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>How many records of a call are on their way, and the wait until few enough are. For one that waits at a time.</summary>
/// <remarks>
/// Who waits goes on behind all that is ready to run, not on the thread that brings the answers: these come by the dozen, and what their calls send leaves in as few packets as there are
/// connections only if all of them have ended before the first is sent.
/// </remarks>
internal sealed class RecordsUnderWay
{
    private const int NobodyWaits = -1;

    private readonly WakeSignal _fewer = new();
    private int _count;
    private int _most = NobodyWaits;

    public int Count => Volatile.Read(ref _count);

    /// <summary>So many more, or fewer.</summary>
    public void Add(int records)
    {
        if (Interlocked.Add(ref _count, records) <= Volatile.Read(ref _most))
        {
            _fewer.Set();
        }
    }

    /// <summary>Completes when there are not more than <paramref name="most"/>.</summary>
    /// <exception cref="OperationCanceledException">There still are.</exception>
    public async ValueTask WaitAsync(int most, CancellationToken cancellationToken)
    {
        // Said before they are counted, as records are counted before it is looked whether anybody waits: one of the two sees the other.
        Interlocked.Exchange(ref _most, most);
        if (Count > most)
        {
            await using (cancellationToken.UnsafeRegister(static fewer => ((WakeSignal)fewer!).Set(), _fewer))
            {
                while (Count > most)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await _fewer.WaitAsync();
                }
            }
        }

        Volatile.Write(ref _most, NobodyWaits);
    }
}
