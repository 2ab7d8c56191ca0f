namespace Zilla.EdgeMqtt.Publishing;

/// <summary>The packet ids of a client's QoS 2 messages between PUBLISH and PUBCOMP. Safe for several threads.</summary>
/// <param name="before">Of an earlier connection: the client has not sent their PUBREL yet.</param>
internal sealed class ReceiveWindow(IReadOnlyCollection<uint> before)
{
    private readonly Lock _gate = new();
    private HashSet<ushort>? _ids = before.Count == 0 ? null : [.. before.Select(id => (ushort)id)];

    /// <summary>How many there are of this connection, which count for the receive maximum.</summary>
    public int Count { get; private set; }

    /// <summary>False: the id is under way already.</summary>
    public bool TryAdd(ushort id)
    {
        lock (_gate)
        {
            if (!(_ids ??= []).Add(id))
            {
                return false;
            }

            Count++;
            return true;
        }
    }

    public bool Contains(ushort id)
    {
        lock (_gate)
        {
            return _ids?.Contains(id) == true;
        }
    }

    public void Remove(ushort id)
    {
        lock (_gate)
        {
            if (_ids?.Remove(id) != true)
            {
                return;
            }

            Count = Math.Max(0, Count - 1);
            if (_ids.Count == 0)
            {
                _ids = null;
            }
        }
    }
}
