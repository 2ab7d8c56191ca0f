namespace Zilla.Edge.Guards;

/// <summary>
/// What a stream lives on: ends when the grant expires, asks for newer credentials once before that, and goes on for longer when the same client
/// shows them on the same connection (reference §4.2).
/// </summary>
public sealed class GuardLease : IDisposable
{
    /// <summary>Timers take no more; a later time is then looked at again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly ConnectionLeases _connection;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _expired = new();
    private readonly ITimer _timer;
    private TaskCompletionSource _challenge = NewChallenge();
    private bool _challenged;
    private bool _disposed;
    private Grant _grant;

    internal GuardLease(ConnectionLeases connection, Grant grant, TimeProvider time)
    {
        (_connection, _grant, _time) = (connection, grant, time);
        Expired = _expired.Token;
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Look();
    }

    /// <summary>The stream has to end.</summary>
    public CancellationToken Expired { get; }

    /// <summary>Completes when the client is to be asked for newer credentials.</summary>
    public Task Challenged
    {
        get
        {
            lock (_gate)
            {
                return _challenge.Task;
            }
        }
    }

    /// <summary>True once for each time that the client is to be asked.</summary>
    public bool TakeChallenge()
    {
        lock (_gate)
        {
            if (!_challenge.Task.IsCompleted)
            {
                return false;
            }

            _challenge = NewChallenge();
            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _connection.Remove(this);
        _timer.Dispose();
        _expired.Dispose();
    }

    /// <summary>Goes on for as long as newer credentials of the same client say, if that is longer.</summary>
    internal void Renew(Grant grant)
    {
        lock (_gate)
        {
            if (_disposed || !grant.Renews(_grant) || grant.Expires <= _grant.Expires)
            {
                return;
            }

            (_grant, _challenged, _challenge) = (_grant with { Expires = grant.Expires, Challenge = grant.Challenge }, false, NewChallenge());
        }

        Look();
    }

    /// <summary>Does what is due, and sees to it that it is called again.</summary>
    private void Look()
    {
        var expired = false;
        lock (_gate)
        {
            if (_disposed || _grant.Expires is not { } expires)
            {
                return;
            }

            var now = _time.GetUtcNow();
            expired = now >= expires;
            if (!expired)
            {
                var next = expires;
                if (!_challenged && _grant.Challenge is { } challenge)
                {
                    if (now >= challenge)
                    {
                        _challenged = true;
                        _challenge.TrySetResult();
                    }
                    else
                    {
                        next = challenge;
                    }
                }

                var wait = next - now;
                _timer.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
            }
        }

        if (expired)
        {
            Expire();
        }
    }

    private void Expire()
    {
        try
        {
            _expired.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself at the same time.
        }
    }

    private static TaskCompletionSource NewChallenge() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
