using System.Buffers;
using Zilla.Streams.Frames;

namespace Zilla.Streams.Lanes;

/// <summary>
/// Frames in the order they came, in an array of the pool that grows with them; what has been taken is not kept. For one thread at a time. Its own fields change: it is kept in a field that is not
/// read-only, and never copied.
/// </summary>
internal struct FrameRing()
{
    private const int Smallest = 8;

    /// <summary>What an empty ring may keep.</summary>
    private const int MostKept = 64;

    private StreamFrame[] _frames = [];
    private int _head;

    public int Count { get; private set; }

    public void Enqueue(in StreamFrame frame)
    {
        if (Count == _frames.Length)
        {
            Grow();
        }

        var tail = _head + Count++;
        _frames[tail < _frames.Length ? tail : tail - _frames.Length] = frame;
    }

    /// <summary>There is one.</summary>
    public StreamFrame Dequeue()
    {
        ref var slot = ref _frames[_head];
        var frame = slot;
        slot = default;
        _head = _head + 1 == _frames.Length ? 0 : _head + 1;
        if (--Count == 0 && _frames.Length > MostKept)
        {
            // A stream that was behind once does not keep the room for it.
            GiveBack();
        }

        return frame;
    }

    /// <summary>Gives the array back. The ring is empty.</summary>
    public void GiveBack()
    {
        Return(clear: false);
        (_frames, _head) = ([], 0);
    }

    /// <summary>Drops all.</summary>
    public void Clear()
    {
        Return(clear: true);
        (_frames, _head, Count) = ([], 0, 0);
    }

    private void Grow()
    {
        var larger = ArrayPool<StreamFrame>.Shared.Rent(Math.Max(Smallest, Count * 2));
        _frames.AsSpan(_head).CopyTo(larger);
        _frames.AsSpan(0, _head).CopyTo(larger.AsSpan(_frames.Length - _head));
        Return(clear: true);
        (_frames, _head) = (larger, 0);
    }

    private readonly void Return(bool clear)
    {
        if (_frames.Length > 0)
        {
            ArrayPool<StreamFrame>.Shared.Return(_frames, clear);
        }
    }
}
