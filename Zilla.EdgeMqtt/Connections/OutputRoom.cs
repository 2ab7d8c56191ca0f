namespace Zilla.EdgeMqtt.Connections;

/// <summary>Whether there is room for what a client is to be sent, who waits for some, and since when. Under the lock of its output, where nothing else is said.</summary>
/// <param name="terms">Of the client.</param>
/// <param name="buffer">What waits to be sent.</param>
internal sealed class OutputRoom(OutputTerms terms, OutputBuffer buffer)
{
    private TaskCompletionSource? _waiting;
    private long _blockedSince;
    private int _flushing;
    private int _wanted;
    private int _refused;

    /// <summary>More waits than may: the client sends without reading. Any thread.</summary>
    public bool IsFull => Volatile.Read(ref _flushing) + buffer.Length > terms.Budget;

    /// <summary>How long there has been no room for what cannot be dropped; zero = there is. Any thread.</summary>
    public TimeSpan BlockedFor(TimeProvider time) => Volatile.Read(ref _blockedSince) is not 0 and var since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>False: there is no room for so many bytes, and those that cannot be dropped wait for some from now on.</summary>
    public bool TryReserve(long size, bool canBeDropped)
    {
        if (HasRoom(size))
        {
            return true;
        }

        if (!canBeDropped)
        {
            _wanted = Math.Max(_wanted, (int)size);
            Block();
        }

        return false;
    }

    /// <summary>A packet of that size was not taken: whoever waits now waits for as much.</summary>
    public void Refused(int size) => _refused = size;

    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        // What could have been dropped and is not, waits for as much room as it takes.
        _wanted = Math.Max(_wanted, _refused);
        if (HasRoom(_wanted))
        {
            return default;
        }

        Block();
        _waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(_waiting.Task.WaitAsync(cancellationToken));
    }

    /// <summary>So many bytes have left the buffer and are on their way to the socket; those before them have got there.</summary>
    public void Flush(int length)
    {
        _flushing = length;
        if (_blockedSince != 0 && HasRoom(_wanted))
        {
            _wanted = 0;
            Volatile.Write(ref _blockedSince, 0);
        }

        if (_waiting is not null && HasRoom(_wanted))
        {
            _waiting.TrySetResult();
            _waiting = null;
        }
    }

    /// <summary>There will be none any more.</summary>
    public void Close()
    {
        _waiting?.TrySetCanceled(CancellationToken.None);
        _waiting = null;
    }

    private void Block()
    {
        if (_blockedSince == 0)
        {
            Volatile.Write(ref _blockedSince, Math.Max(1, terms.Time.GetTimestamp()));
            terms.Owner.OnBlocked();
        }
    }

    /// <summary>A packet larger than the budget goes alone.</summary>
    private bool HasRoom(long size) => _flushing + buffer.Length + size <= terms.Budget || (_flushing == 0 && buffer.Length == 0);
}
