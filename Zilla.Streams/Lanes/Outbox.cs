using System.Buffers;
using System.Threading.Tasks.Sources;
using Zilla.Streams.Frames;

namespace Zilla.Streams.Lanes;

/// <summary>
/// Frames encoded and not yet sent, as batches in the making. Writers append while the lane's one writer loop sends: whatever has gathered
/// by the time it is free is the next batch, so a lone frame goes at once and a crowd shares a message.
/// </summary>
/// <param name="gate">The lane's gate. Everything but <see cref="WaitAsync"/> is called under it.</param>
internal sealed class Outbox(Lock gate) : IValueTaskSource<bool>, IThreadPoolWorkItem
{
    private const int Spares = 8;

    private readonly Queue<Batch> _full = new();
    private readonly Stack<Batch> _spare = new();
    private Batch? _open;
    private bool _waiting;
    private bool _completed;
    private bool _wokenWithMore;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };

    /// <summary>Encoded bytes that wait to be sent.</summary>
    public int Pending { get; private set; }

    public bool HasMore => _full.Count > 0 || _open is { Length: > 0 };

    /// <summary>Adds a frame; without <paramref name="wake"/> it waits for another one, or for <see cref="Wake"/>.</summary>
    public void Append(in StreamFrame frame, bool wake = true)
    {
        if (_completed)
        {
            return;
        }

        var size = FrameWriter.Measure(frame);
        var batch = Room(size.Total);
        FrameWriter.Write(frame, size, batch.Buffer.AsSpan(batch.Length));
        batch.Length += size.Total;
        batch.Frames++;
        Pending += size.Total;
        if (wake)
        {
            Wake();
        }
    }

    /// <summary>Has the writer loop send what is here.</summary>
    public void Wake()
    {
        if (_waiting && (HasMore || _completed))
        {
            _waiting = false;
            _wokenWithMore = HasMore;

            // Behind all that is ready to run, not next on the thread of whoever wrote first: what writes before then shares the batch.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Runs the writer loop on the thread pool. A loop that has not come to wait yet must not wait anew while this is being said, so both are done under the gate.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        lock (gate)
        {
            _signal.SetResult(_wokenWithMore);
        }
    }

    /// <summary>Takes the oldest batch; it goes back by <see cref="Recycle"/>.</summary>
    public Batch? Take()
    {
        if (!_full.TryDequeue(out var batch))
        {
            batch = _open is { Length: > 0 } ? _open : null;
            _open = batch is null ? _open : null;
        }

        Pending -= batch?.Length ?? 0;
        return batch;
    }

    public void Recycle(Batch batch)
    {
        batch.Length = batch.Frames = 0;
        if (batch.Buffer.Length == LaneOptions.PreferredBatch && _spare.Count < Spares)
        {
            _spare.Push(batch);
        }
        else
        {
            ArrayPool<byte>.Shared.Return(batch.Buffer);
        }
    }

    /// <summary>Completes with true when there is something to take, with false when nothing will come any more.</summary>
    public ValueTask<bool> WaitAsync()
    {
        lock (gate)
        {
            if (HasMore || _completed)
            {
                return new(HasMore);
            }

            _signal.Reset();
            _waiting = true;
            return new(this, _signal.Version);
        }
    }

    /// <summary>What is in here is still sent, and then the writer loop ends.</summary>
    public void Complete()
    {
        _completed = true;
        Wake();
    }

    /// <summary>Gives all memory back; the lane is over.</summary>
    public void Clear()
    {
        while (Take() is { } batch)
        {
            ArrayPool<byte>.Shared.Return(batch.Buffer);
        }

        while (_spare.TryPop(out var spare))
        {
            ArrayPool<byte>.Shared.Return(spare.Buffer);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private Batch Room(int size)
    {
        if (_open is not null && _open.Buffer.Length - _open.Length >= size)
        {
            return _open;
        }

        if (_open is not null)
        {
            _full.Enqueue(_open);
        }

        if (size > LaneOptions.PreferredBatch)
        {
            _open = new(ArrayPool<byte>.Shared.Rent(size));
        }
        else if (!_spare.TryPop(out _open))
        {
            _open = new(ArrayPool<byte>.Shared.Rent(LaneOptions.PreferredBatch));
        }

        return _open;
    }

    /// <summary>One <c>Batch</c> of the protocol in the making.</summary>
    internal sealed class Batch(byte[] buffer)
    {
        public byte[] Buffer { get; } = buffer;
        public int Length { get; set; }
        public int Frames { get; set; }
        public ReadOnlyMemory<byte> Bytes => Buffer.AsMemory(0, Length);
    }
}
