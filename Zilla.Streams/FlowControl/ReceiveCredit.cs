using System.Diagnostics;

namespace Zilla.Streams.FlowControl;

/// <summary>
/// What the peer may yet send to us, and what we owe it. Credit goes back in steps of half a window, so that a WINDOW pays for many frames.
/// Not thread-safe: its owner's lock guards it.
/// </summary>
internal struct ReceiveCredit(int window)
{
    private int _available = window;
    private int _owed;

    public int Window { get; } = window;

    public readonly int Available => _available;

    /// <summary>False when the peer has sent beyond its credit: a protocol error.</summary>
    public bool TryReceive(int cost)
    {
        if (cost > _available)
        {
            return false;
        }

        _available -= cost;
        return true;
    }

    /// <summary>Notes that what <see cref="TryReceive"/> took is consumed. Gives the credit to announce now: 0, or at least half a window.</summary>
    public int Consume(int cost)
    {
        _owed += cost;
        if (_owed < (Window + 1) / 2)
        {
            return 0;
        }

        var due = _owed;
        _owed = 0;
        _available += due;
        Debug.Assert(_available <= Window, "no more is given back than was received");
        return due;
    }
}
