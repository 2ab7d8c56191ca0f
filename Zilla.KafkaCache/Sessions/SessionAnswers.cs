using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>What a SESSION stream tells its edge, in order. For any thread. While there is nothing to tell it holds nothing: no task, no buffer.</summary>
/// <param name="stream">Accepted with the first: what the session refuses is a RESET.</param>
/// <param name="room">Where each gives its place back when it has gone out, so that answers nobody reads do not pile up.</param>
internal sealed class SessionAnswers(FrameStream stream, WaitingRoom room) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<(MqttDataEx Message, int Size)>? _waiting;
    private StreamBrokenException? _why;
    private bool _isAccepted;
    private bool _isClosed;

    /// <summary>Completes when the stream has been ended, behind all that was to be told; fails with why it was not.</summary>
    public Task Over => _over.Task;

    public void Add(MqttDataEx message, int size = 0)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                Queue().Enqueue((message, size));
            }
        }
    }

    /// <summary>Nothing comes any more.</summary>
    /// <param name="why">Null: the stream ends in order.</param>
    public void Close(StreamBrokenException? why = null)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                Queue();
                (_isClosed, _why) = (true, why);
            }
        }
    }

    /// <summary>The stream cannot go on; what still waits is not told.</summary>
    public void Fail(Exception why)
    {
        lock (_gate)
        {
            (_isClosed, _waiting) = (true, null);
        }

        _over.TrySetException(why);
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    /// <summary>Has the thread pool write what is put into an empty one, and what comes meanwhile.</summary>
    private Queue<(MqttDataEx Message, int Size)> Queue()
    {
        if (_waiting is null)
        {
            _waiting = new(1);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return _waiting;
    }

    private async Task WriteAsync()
    {
        try
        {
            while (TryTake(out var next))
            {
                if (!_isAccepted)
                {
                    stream.Accept();
                    _isAccepted = true;
                }

                await stream.WriteAsync(next.Message, CancellationToken.None);
                room.Leave(next.Size);
            }
        }
        catch (Exception broken)
        {
            Fail(broken);
        }
    }

    private bool TryTake(out (MqttDataEx Message, int Size) next)
    {
        lock (_gate)
        {
            if (_waiting is not null && _waiting.TryDequeue(out next))
            {
                return true;
            }

            (next, _waiting) = (default, null);
            if (!_isClosed)
            {
                return false;
            }
        }

        if (_why is not null)
        {
            throw _why;
        }

        stream.End();
        _over.TrySetResult();
        return false;
    }
}
