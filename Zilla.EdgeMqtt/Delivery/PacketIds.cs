using System.Diagnostics.CodeAnalysis;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Which packet ids are in use, and for what: none is used twice at a time, and the one that was free last is used again last, for the session may hear later that it is. Guarded by the window's
/// lock.
/// </summary>
internal sealed class PacketIds
{
    private readonly Dictionary<ushort, InFlight> _inUse = [];
    private ushort _last;

    public int Count => _inUse.Count;

    public IEnumerable<InFlight> All => _inUse.Values;

    /// <summary>One that is free, for <see cref="TryAdd"/>.</summary>
    public ushort Next()
    {
        if (_inUse.Count >= ushort.MaxValue)
        {
            throw new InvalidOperationException("All packet ids are in use.");
        }

        do
        {
            _last = _last == ushort.MaxValue ? (ushort)1 : (ushort)(_last + 1);
        }
        while (_inUse.ContainsKey(_last));

        return _last;
    }

    public bool TryAdd(InFlight entry)
    {
        if (!_inUse.TryAdd(entry.PacketId, entry))
        {
            return false;
        }

        // What a session had under way counts too, which comes in any order: a client that was sent it by two connections may answer both times.
        if (_inUse.Count == 1 || IsBehind(_last, entry.PacketId))
        {
            _last = entry.PacketId;
        }

        return true;
    }

    public bool TryFind(ushort packetId, [MaybeNullWhen(false)] out InFlight entry) => _inUse.TryGetValue(packetId, out entry);

    /// <summary>False: it has been removed already; its packet id may be another's by now.</summary>
    public bool Remove(InFlight entry) => _inUse.TryGetValue(entry.PacketId, out var found) && found == entry && _inUse.Remove(entry.PacketId);

    /// <summary>Also where packet ids have begun anew in between (as serial numbers do, RFC 1982 §3.2).</summary>
    private static bool IsBehind(ushort earlier, ushort later) => (short)(later - earlier) > 0;
}
