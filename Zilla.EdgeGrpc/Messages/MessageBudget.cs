using System.Runtime.InteropServices;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Messages;

/// <summary>
/// The cap on what the messages of the process take that are on their way in: each alone is bounded by its size, but there may be many at once. What one client connection has of it is bounded too, so
/// that it leaves room for the messages of others.
/// </summary>
/// <param name="capacity">Bytes.</param>
/// <param name="share">Bytes that several messages of one connection may take; a single one is bounded by its size and the capacity.</param>
internal sealed class MessageBudget(long capacity, long share = long.MaxValue)
{
    /// <summary>Messages up to that are not counted, larger ones in steps of as much. Bytes.</summary>
    public const int Step = 64 << 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _byConnection = new(StringComparer.Ordinal);
    private long _taken;

    /// <summary>Bytes.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>How messages of clients that have begun have to go on; null: at any pace.</summary>
    public MessagePace? Pace { get; init; }

    /// <param name="bytes">More of them.</param>
    /// <param name="connection">Whose message it is; null: nobody's that has a share.</param>
    /// <param name="held">What the message has by now.</param>
    /// <exception cref="CallException">So much is not left.</exception>
    public void Take(long bytes, string? connection, long held)
    {
        lock (_gate)
        {
            if (bytes > capacity - _taken)
            {
                throw MessageRefusals.Count(MessageRefusals.Begun, StatusCode.ResourceExhausted, $"The messages that are on their way take what the gateway has for them, {capacity} bytes (Zilla:Edge:Grpc:MaxBegunBytes).");
            }

            if (connection is not null)
            {
                ref var has = ref CollectionsMarshal.GetValueRefOrAddDefault(_byConnection, connection, out _);
                if (has > held && bytes > share - has)
                {
                    throw MessageRefusals.Count(
                        MessageRefusals.Connection, StatusCode.ResourceExhausted, $"The messages that are on their way on this connection take what one has for them, {share} bytes (Zilla:Edge:Grpc:MaxConnectionBegunBytes).");
                }

                has += bytes;
            }

            _taken += bytes;
        }
    }

    public void Give(long bytes, string? connection)
    {
        lock (_gate)
        {
            _taken -= bytes;
            if (connection is not null)
            {
                ref var has = ref CollectionsMarshal.GetValueRefOrAddDefault(_byConnection, connection, out _);
                has -= bytes;
                if (has == 0)
                {
                    _byConnection.Remove(connection);
                }
            }
        }
    }
}

/// <summary>What one reader has of the budget. For one caller at a time.</summary>
/// <param name="budget">All of it.</param>
/// <param name="connection">Of the client whose messages it reads; null: of none.</param>
internal sealed class MessageShare(MessageBudget budget, string? connection)
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
        budget.Take(steps - _held, connection, _held);
        _held = steps;
    }

    /// <summary>The message is not held any more.</summary>
    public void Release()
    {
        if (_held > 0)
        {
            budget.Give(_held, connection);
            _held = 0;
        }
    }
}
