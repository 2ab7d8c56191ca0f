using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Messages;

/// <summary>The cap on what the messages of the process take that are on their way in: each alone is bounded by its size, but there may be many at once.</summary>
/// <param name="capacity">Bytes.</param>
internal sealed class MessageBudget(long capacity)
{
    /// <summary>Messages up to that are not counted, larger ones in steps of as much. Bytes.</summary>
    public const int Step = 64 << 10;

    private long _taken;

    /// <summary>Bytes.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <exception cref="CallException">So much is not left.</exception>
    public void Take(long bytes)
    {
        for (var taken = Taken; ; taken = Taken)
        {
            if (bytes > capacity - taken)
            {
                throw new CallException(StatusCode.ResourceExhausted, $"The messages that are on their way take what the gateway has for them, {capacity} bytes (Zilla:Edge:Grpc:MaxBegunBytes).");
            }

            if (Interlocked.CompareExchange(ref _taken, taken + bytes, taken) == taken)
            {
                return;
            }
        }
    }

    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}

/// <summary>What one reader has of the budget. For one caller at a time.</summary>
internal sealed class MessageShare(MessageBudget budget)
{
    private long _held;

    /// <summary>
    /// The message takes that much by now. By what has come, not by what its length says: five bytes that announce much would keep others out.
    /// </summary>
    /// <exception cref="CallException">So much is not left.</exception>
    public void Hold(long bytes)
    {
        if (bytes <= MessageBudget.Step || bytes <= _held)
        {
            return;
        }

        var steps = (bytes + MessageBudget.Step - 1) / MessageBudget.Step * MessageBudget.Step;
        budget.Take(steps - _held);
        _held = steps;
    }

    /// <summary>The message is not held any more.</summary>
    public void Release()
    {
        if (_held > 0)
        {
            budget.Give(_held);
            _held = 0;
        }
    }
}
