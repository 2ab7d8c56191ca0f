using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>What a connection has asked of its session's owner, in order, until it is answered: sent, and sent again to the next owner. For any thread.</summary>
internal sealed class SessionCalls
{
    private readonly Lock _gate = new();
    private readonly LinkedList<SessionCall> _unanswered = new();
    private LinkedListNode<SessionCall>? _next;
    private IThreadPoolWorkItem? _sender;
    private bool _isSending;
    private MqttEndEx? _end;
    private ulong _last;
    private Exception? _over;

    /// <summary>Puts a request behind the others; gives the task of its answer.</summary>
    public Task Add(MqttDataEx message, byte[]? payload = null)
    {
        lock (_gate)
        {
            if (_over is not null)
            {
                return Task.FromException(_over);
            }

            message.Request = ++_last;
            var node = _unanswered.AddLast(new SessionCall(message, payload ?? []));
            _next ??= node;
            Send();
            return node.Value.Answer.Task;
        }
    }

    /// <summary>How the connection ended; what was asked before is sent before.</summary>
    public void End(MqttEndEx end)
    {
        lock (_gate)
        {
            _end ??= end;
            Send();
        }
    }

    /// <summary>There is a new stream: what is unanswered is sent again.</summary>
    /// <param name="sender">Takes what <see cref="TryNext"/> gives it until there is nothing; run whenever there is something again. Null: nobody.</param>
    public void SendBy(IThreadPoolWorkItem? sender)
    {
        lock (_gate)
        {
            (_sender, _isSending, _next) = (sender, false, _unanswered.First);
            Send();
        }
    }

    /// <summary>The next to be sent, or at last how the connection ended: one of them, or false.</summary>
    public bool TryNext(IThreadPoolWorkItem sender, out SessionCall? call, out MqttEndEx? end)
    {
        lock (_gate)
        {
            (call, end) = (null, null);
            if (sender != _sender)
            {
                return false;
            }

            if (_next is not null)
            {
                (call, _next) = (_next.Value, _next.Next);
                return true;
            }

            _isSending = false;
            if (_end is null)
            {
                return false;
            }

            // Nothing can follow on that stream.
            (end, _sender) = (_end, null);
            return true;
        }
    }

    /// <summary>The owner has answered.</summary>
    /// <exception cref="StreamBrokenException">Not what is asked next.</exception>
    public void Complete(ulong request, MqttDone done)
    {
        SessionCall call;
        lock (_gate)
        {
            if (_unanswered.First?.Value is not { } first || first.Message.Request != request || _unanswered.First == _next)
            {
                throw new StreamBrokenException(Cause.ProtocolError, "An answer to nothing that was asked");
            }

            call = first;
            _unanswered.RemoveFirst();
        }

        var cause = (Cause)done.Cause;
        _ = cause switch
        {
            Cause.Unspecified => call.Answer.TrySetResult(),
            Cause.Overloaded => call.Answer.TrySetException(new SessionRefusedException(ReasonCode.QuotaExceeded, done.Message)),
            _ => call.Answer.TrySetException(new StreamBrokenException(cause, done.Message)),
        };
    }

    /// <summary>Nothing will be answered any more.</summary>
    public void Fail(Exception why)
    {
        SessionCall[] calls;
        lock (_gate)
        {
            _over ??= why;
            calls = [.. _unanswered];
            _unanswered.Clear();
            _next = null;
        }

        foreach (var call in calls)
        {
            call.Answer.TrySetException(why);
        }
    }

    private void Send()
    {
        if (_sender is not null && !_isSending && (_next is not null || _end is not null))
        {
            _isSending = true;
            ThreadPool.UnsafeQueueUserWorkItem(_sender, preferLocal: false);
        }
    }
}
