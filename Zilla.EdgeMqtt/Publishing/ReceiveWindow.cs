namespace Zilla.EdgeMqtt.Publishing;

/// <summary>The packet ids of a client's QoS 2 messages between PUBLISH and PUBCOMP. Safe for several threads.</summary>
/// <param name="before">Of an earlier connection: the client has not sent their PUBREL yet.</param>
internal sealed class ReceiveWindow(IReadOnlyCollection<uint> before)
{
    private readonly Lock _gate = new();
    private Dictionary<ushort, Exchange>? _exchanges = before.Count == 0 ? null : before.Distinct().ToDictionary(id => (ushort)id, _ => new Exchange(Counts: false, IsReleased: false));
    private int _count;

    /// <summary>How many there are of this connection, which count for the receive maximum.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Does nothing if the id is under way already.</summary>
    public void Add(ushort id)
    {
        lock (_gate)
        {
            if ((_exchanges ??= []).TryAdd(id, new(Counts: true, IsReleased: false)))
            {
                _count++;
            }
        }
    }

    public bool Contains(ushort id)
    {
        lock (_gate)
        {
            return _exchanges?.ContainsKey(id) == true;
        }
    }

    /// <summary>PUBREL has come.</summary>
    /// <param name="id">Of the message.</param>
    /// <param name="isFirst">It had not come before: the session is to be told.</param>
    /// <returns>False: no such message is under way.</returns>
    public bool TryRelease(ushort id, out bool isFirst)
    {
        lock (_gate)
        {
            isFirst = false;
            if (_exchanges is null || !_exchanges.TryGetValue(id, out var exchange))
            {
                return false;
            }

            isFirst = !exchange.IsReleased;
            _exchanges[id] = exchange with { IsReleased = true };
            return true;
        }
    }

    /// <summary>The exchange is over.</summary>
    public void Remove(ushort id)
    {
        lock (_gate)
        {
            if (_exchanges?.Remove(id, out var exchange) != true)
            {
                return;
            }

            _count -= exchange.Counts ? 1 : 0;
            if (_exchanges.Count == 0)
            {
                _exchanges = null;
            }
        }
    }

    private readonly record struct Exchange(bool Counts, bool IsReleased);
}
