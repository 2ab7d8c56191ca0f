using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>What a connection has asked of its session's owner, in order, until it is answered: sent, and sent again to the next owner. For any thread.</summary>
internal sealed class SessionCalls
{
    private readonly Lock _gate = new();
    private readonly LinkedList<SessionCall> _unanswered = new();
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private LinkedListNode<SessionCall>? _next;
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
            _news.Writer.TryWrite(true);
            return node.Value.Answer.Task;
        }
    }

    /// <summary>There is a new stream: what is unanswered is sent again.</summary>
    public void Rewind()
    {
        lock (_gate)
        {
            _next = _unanswered.First;
            _news.Writer.TryWrite(true);
        }
    }

    /// <summary>The next to be sent.</summary>
    public bool TryNext([NotNullWhen(true)] out SessionCall? call)
    {
        lock (_gate)
        {
            call = _next?.Value;
            _next = _next?.Next;
            return call is not null;
        }
    }

    /// <summary>Completes when there may be something to send.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _news.Reader.ReadAsync(cancellationToken);

    /// <summary>Wakes who waits.</summary>
    public void Pulse() => _news.Writer.TryWrite(true);

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
}
