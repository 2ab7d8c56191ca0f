using System.Collections.Concurrent;
using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>
/// Has a request that comes twice produced once while the first is on its way into the topic, and until the cache has surely seen it there.
/// What came through another edge, or earlier, is for the topic itself to say.
/// </summary>
public sealed class RequestsUnderWay(TimeProvider time)
{
    /// <summary>The cache holds an acknowledged record within milliseconds; then the topic itself shows it.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(TopicName Topic, string Id), RequestTurn> _turns = new();
    private long _swept = time.GetTimestamp();

    /// <summary>How many are remembered.</summary>
    public int Count => _turns.Count;

    /// <summary>Runs <paramref name="produce"/> unless the same request is under way, and gives its outcome either way; a failure is forgotten.</summary>
    public async Task OnceAsync(TopicName topic, string id, Func<Task> produce)
    {
        ArgumentNullException.ThrowIfNull(produce);
        var (turn, isMine) = Claim(topic, id);
        if (!isMine)
        {
            await turn.Over;
            return;
        }

        try
        {
            await produce();
            turn.Succeed();
        }
        catch (Exception e)
        {
            turn.Fail(KafkaProgress.Empty, e);
            throw;
        }
    }

    /// <summary>
    /// The next try of a request that is not produced in one go: waits while another try is under way. Whoever has the turn says how it ended.
    /// Null: another try has produced all of it.
    /// </summary>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    public async ValueTask<RequestTurn?> EnterAsync(TopicName topic, string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (turn, isMine) = Claim(topic, id);
            if (isMine)
            {
                return turn;
            }

            await turn.Over.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (!turn.HasFailed)
            {
                return null;
            }
        }
    }

    private (RequestTurn Turn, bool IsMine) Claim(TopicName topic, string id)
    {
        Sweep();
        var mine = new RequestTurn(KafkaProgress.Empty, time);
        while (true)
        {
            var turn = _turns.GetOrAdd((topic, id), mine);
            if (turn == mine || !turn.HasFailed)
            {
                return (turn, turn == mine);
            }

            var next = new RequestTurn(turn.Written, time);
            if (_turns.TryUpdate((topic, id), next, turn))
            {
                return (next, true);
            }
        }
    }

    /// <summary>At most once a second, and by one caller.</summary>
    private void Sweep()
    {
        var swept = Volatile.Read(ref _swept);
        if (time.GetElapsedTime(swept) < TimeSpan.FromSeconds(1) || Interlocked.CompareExchange(ref _swept, time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (key, turn) in _turns)
        {
            if (turn.IsOverSince(Remembered))
            {
                _turns.TryRemove(new(key, turn));
            }
        }
    }
}
