using System.Diagnostics;

namespace Zilla.Streams.FlowControl;

/// <summary>What one side may yet send, in bytes of <see cref="FrameCost"/>. Never negative. Not thread-safe: its owner's lock guards it.</summary>
internal struct SendCredit(int starting)
{
    /// <summary>Highest credit at any time; a WINDOW that leads beyond it is the peer's error, as in HTTP/2 (RFC 9113 §6.9.1).</summary>
    public const int Maximum = int.MaxValue;

    public int Starting { get; } = starting;

    public int Available { get; private set; } = starting;

    public readonly bool Has(int cost) => cost <= Available;

    public void Take(int cost)
    {
        Debug.Assert(cost >= 0 && Has(cost), "credit is asked for before it is taken");
        Available -= cost;
    }

    /// <summary>False when the peer gave more than <see cref="Maximum"/>: a protocol error.</summary>
    public bool TryAdd(ulong credit)
    {
        if (credit > (ulong)(Maximum - Available))
        {
            return false;
        }

        Available += (int)credit;
        return true;
    }
}
