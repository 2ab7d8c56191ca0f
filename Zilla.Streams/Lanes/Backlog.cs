using Zilla.Streams.FlowControl;

namespace Zilla.Streams.Lanes;

/// <summary>
/// What of a stream has arrived and is not read, in bytes, and how much of that the process's budget knows of: whole steps, so that most frames cost it nothing. What it knows is never more than
/// a step behind. For one thread at a time but for <see cref="Reported"/>; its own fields change, as those of <see cref="FrameRing"/>.
/// </summary>
internal struct Backlog(BufferBudget budget)
{
    private int _bytes;
    private int _reported;

    /// <summary>What the budget knows of. For any thread.</summary>
    public int Reported => Volatile.Read(ref _reported);

    /// <summary>False: the process holds more than it should.</summary>
    public bool Add(int bytes)
    {
        _bytes += bytes;
        if (_bytes <= _reported + BufferBudget.Step)
        {
            return true;
        }

        var more = (_bytes - _reported - 1) / BufferBudget.Step * BufferBudget.Step;
        _reported += more;
        return budget.Reserve(more);
    }

    public void Take(int bytes)
    {
        _bytes -= bytes;
        if (_reported > 0 && _bytes < _reported / 2)
        {
            Release();
        }
    }

    public void Clear()
    {
        _bytes = 0;
        Release();
    }

    private void Release()
    {
        var keep = Math.Max(0, (_bytes - 1) / BufferBudget.Step * BufferBudget.Step);
        budget.Release(_reported - keep);
        _reported = keep;
    }
}
