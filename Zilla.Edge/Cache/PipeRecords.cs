using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>
/// The records of a pipe that wait to be sent or answered, in their order and within a budget.
/// <code>
/// _begun ── done ── _first ── sent, and answered in part: records of one partition do not wait for another's ── _sent ── not yet ── _next
/// </code>
/// These are numbers of records since the pipe's beginning. The stream knows them by their number since it has begun. A new stream has what is not done, from its beginning. What is
/// done has its place, and counts for the budget, until all before it is.
/// </summary>
internal sealed class PipeRecords(int budget)
{
    /// <summary>What a record costs beside its bytes.</summary>
    private const int Overhead = 64;

    private readonly Lock _gate = new();
    private readonly PipeBlocks _blocks = new();
    private Entry[] _ring = new Entry[64];
    private long _begun;
    private long _first;
    private long _sent;
    private long _written;
    private long _next;
    private long _held;
    private int _awaited;
    private bool _retired;
    private TaskCompletionSource? _room;

    internal enum Adding
    {
        Added,
        Full,
        Retired,
    }

    /// <summary>Whether any record waits.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _first == _next;
            }
        }
    }

    /// <summary>Whether any that was sent on this stream has no answer.</summary>
    public bool IsAwaiting
    {
        get
        {
            lock (_gate)
            {
                return _awaited > 0;
            }
        }
    }

    /// <summary>Takes a copy of the record; a record larger than the budget is taken alone.</summary>
    public Adding TryAdd(in PipeRecord record, IProduceReceiver? receiver, ulong tag, long now)
    {
        var length = (int)record.Length;
        lock (_gate)
        {
            if (_retired)
            {
                return Adding.Retired;
            }

            if (!HasRoom(length))
            {
                return Adding.Full;
            }

            if (_next - _first == _ring.Length)
            {
                Grow();
            }

            var bytes = _blocks.Take(length);
            record.Extension.Span.CopyTo(bytes.Memory.Span);
            record.Value.CopyTo(bytes.Memory.Span[record.Extension.Length..]);
            _held += length + Overhead;
            At(_next++) = new() { Bytes = bytes, Cost = length + Overhead, Extension = record.Extension.Length, Receiver = receiver, Tag = tag, Since = now };
            return Adding.Added;
        }
    }

    /// <summary>Completes when there may be room again for a record of that many bytes.</summary>
    public Task WaitForRoomAsync(long length, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_retired || HasRoom(length))
            {
                return Task.CompletedTask;
            }

            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Nothing is taken any more.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _retired = true;
        }
    }

    /// <summary>True: nothing waits, and nothing will be taken any more.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            return _retired |= _first == _next;
        }
    }

    /// <summary>On a new stream all that is not done begins again. Gives how many of them have been sent before.</summary>
    public long BeginStream()
    {
        lock (_gate)
        {
            var begun = _next;
            var again = 0L;
            for (var number = _next - 1; number >= _first; number--)
            {
                var entry = At(number);
                At(number) = default;
                if (entry.IsDone)
                {
                    _held -= entry.Cost;
                    continue;
                }

                again += number < _sent ? 1 : 0;
                At(--begun) = entry with { IsAnswered = false };
            }

            _begun = _first = _sent = _written = begun;
            _awaited = 0;
            return again;
        }
    }

    /// <summary>The next record to be sent; its memory stays until the next call or the next stream.</summary>
    public bool TrySend(out ReadOnlyMemory<byte> extension, out ReadOnlyMemory<byte> value)
    {
        lock (_gate)
        {
            _written = _sent;
            if (_sent == _next)
            {
                (extension, value) = (default, default);
                return false;
            }

            ref var entry = ref At(_sent++);
            _awaited++;
            extension = entry.Bytes.Memory[..entry.Extension];
            value = entry.Bytes.Memory[entry.Extension..];
            return true;
        }
    }

    /// <summary>The cache has answered for records. Those that failed and for which <paramref name="again"/> says so stay.</summary>
    /// <exception cref="StreamBrokenException">It answers for what it was not sent, or a second time.</exception>
    public void Answer(in ProducedRun run, bool again, List<PipeCompletion> told)
    {
        lock (_gate)
        {
            for (var i = 0; i < run.Count; i++)
            {
                var number = run.Number + i;
                if (number < _first - _begun || number >= _sent - _begun)
                {
                    throw new StreamBrokenException(Cause.ProtocolError, "The cache answered for a record that it was not sent, or twice.");
                }

                number += _begun;
                ref var entry = ref At(number);
                if (entry.IsDone || entry.IsAnswered)
                {
                    throw new StreamBrokenException(Cause.ProtocolError, "The cache answered for a record twice.");
                }

                entry.IsAnswered = true;
                _awaited--;
                if (!again)
                {
                    Finish(ref entry, number, told, new()
                    {
                        Partition = run.Cause == Cause.Unspecified ? run.Partition : -1,
                        Offset = run.Cause != Cause.Unspecified ? -1 : run.Offset < 0 ? run.Offset : run.Offset + i,
                        Cause = run.Cause,
                        Message = run.Message,
                    });
                }
            }

            RemoveDone();
        }
    }

    /// <summary>
    /// Between two streams: fails records for which <paramref name="fails"/> says so, given when they came and whether they were sent without an answer. Gives how many.
    /// </summary>
    public int Fail(StreamBrokenException why, Func<long, bool, bool> fails, List<PipeCompletion> told)
    {
        var outcome = ProduceOutcome.Failed(why);
        var failed = 0;
        lock (_gate)
        {
            for (var number = _first; number < _next; number++)
            {
                ref var entry = ref At(number);
                if (!entry.IsDone && fails(entry.Since, number < _sent && !entry.IsAnswered))
                {
                    Finish(ref entry, number, told, outcome);
                    failed++;
                }
            }

            RemoveDone();
        }

        return failed;
    }

    private bool HasRoom(long length) => _first == _next || _held + length + Overhead <= budget;

    private ref Entry At(long number) => ref _ring[number & (_ring.Length - 1)];

    private void Finish(ref Entry entry, long number, List<PipeCompletion> told, in ProduceOutcome outcome)
    {
        Debug.Assert(!entry.IsDone, "a record is answered once");
        if (entry.Receiver is { } receiver)
        {
            told.Add(new(receiver, entry.Tag, outcome));
        }

        // The last one may still be in the hands of whoever sends.
        _blocks.Return(entry.Bytes, isRead: number >= _written && number < _sent);
        entry = new() { IsDone = true, Cost = entry.Cost };
    }

    private void RemoveDone()
    {
        while (_first < _next && At(_first).IsDone)
        {
            _held -= At(_first).Cost;
            At(_first++) = default;
        }

        _sent = Math.Max(_sent, _first);
        if (_room is not null && _held <= budget - (budget / 4))
        {
            _room.TrySetResult();
            _room = null;
        }
    }

    private void Grow()
    {
        var larger = new Entry[_ring.Length * 2];
        for (var number = _first; number < _next; number++)
        {
            larger[number & (larger.Length - 1)] = At(number);
        }

        _ring = larger;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public PipeBlocks.Slice Bytes;
        public int Extension;
        public IProduceReceiver? Receiver;
        public ulong Tag;
        public long Since;
        public int Cost;
        public bool IsAnswered;
        public bool IsDone;
    }
}
