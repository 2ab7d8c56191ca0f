namespace Zilla.Streams.FlowControl;

/// <summary>Something that buffers for slow readers and can let go of its largest reader.</summary>
internal interface IBufferHolder
{
    /// <summary>Bytes reported to the budget and not yet released.</summary>
    long Buffered { get; }

    /// <summary>Breaks the stream that holds most. False when there is none to break.</summary>
    bool ShedLargest();
}

/// <summary>
/// The cap on what all streams of the process hold for readers that do not read. Each stream alone is bounded by its credit; when together
/// they pass the cap, the one that holds most is broken with CAUSE_OVERLOADED and resumes later from its progress, and the others go on.
/// </summary>
internal sealed class BufferBudget(long capacity)
{
    /// <summary>Streams report what they hold in steps of this many bytes; the first step of each stream is not counted.</summary>
    public const int Step = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly List<IBufferHolder> _holders = [];
    private long _used;

    public static BufferBudget Process { get; } = new(256L * 1024 * 1024);

    public long Used => Interlocked.Read(ref _used);

    public void Register(IBufferHolder holder)
    {
        lock (_gate)
        {
            _holders.Add(holder);
        }
    }

    public void Unregister(IBufferHolder holder)
    {
        lock (_gate)
        {
            _holders.Remove(holder);
        }
    }

    /// <summary>Gives false when the cap is passed: the caller then calls <see cref="Shed"/> while it holds no lock.</summary>
    public bool Reserve(int bytes) => Interlocked.Add(ref _used, bytes) <= capacity;

    public void Release(long bytes) => Interlocked.Add(ref _used, -bytes);

    /// <summary>Breaks the largest streams until the cap holds again.</summary>
    public void Shed()
    {
        lock (_gate)
        {
            while (Used > capacity && _holders.MaxBy(h => h.Buffered) is { } largest && largest.ShedLargest())
            {
            }
        }
    }
}
