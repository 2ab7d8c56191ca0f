using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Zilla.Edge.Limits;
using Zilla.Edge.Telemetry;

namespace Zilla.Edge.Listeners;

/// <summary>One listening socket, its accept loop and the connections that came through it.</summary>
internal sealed class Listener(
    ListeningSocket socket, string binding, ConnectionLimiter limiter, ConnectionBudget budget, IConnectionTarget target, SocketConnectionContextFactory contexts,
    TcpKeepAlive keepAlive, TimeProvider time, ILogger logger) : IListenerFeature
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections = new();
    private readonly CancellationTokenSource _closing = new();
    private Task _accepting = Task.CompletedTask;
    private ConnectionLimiter _limiter = limiter;
    private StreamMetrics? _metrics;

    public string Binding { get; private set; } = binding;
    public IPEndPoint EndPoint { get; } = socket.EndPoint;
    public int Port => EndPoint.Port;
    public CancellationToken Closing => _closing.Token;

    public void Listen(int backlog) => socket.Listen(backlog);

    public void Start()
    {
        ListenersLog.Opened(logger, EndPoint, Binding);
        _accepting = Task.Run(AcceptLoopAsync);
    }

    /// <summary>The same socket under another binding of the plan; connections go on counting where they began.</summary>
    /// <param name="binding">Its name.</param>
    /// <param name="limiter">Its limits.</param>
    /// <param name="metrics">Counts connections; null = nothing does.</param>
    public void Rename(string binding, ConnectionLimiter limiter, StreamMetrics? metrics)
    {
        Binding = binding;
        Volatile.Write(ref _metrics, metrics);
        Volatile.Write(ref _limiter, limiter);
    }

    /// <summary>Gives a socket back that was never started.</summary>
    public void Discard() => socket.Dispose();

    /// <summary>Stops accepting, asks the connections to finish, and closes those that have not by <paramref name="drain"/>.</summary>
    public async Task CloseAsync(TimeSpan drain)
    {
        // Before what waits is answered on account of the closing: that answer then says that its connection ends.
        RequestCloses();
        await _closing.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        socket.Dispose();
        RequestCloses();

        using var deadline = new CancellationTokenSource(drain, time);
        foreach (var (connection, _) in _connections)
        {
            await ClosedAsync(connection, deadline.Token);
        }

        ListenersLog.Closed(logger, EndPoint, Binding);
    }

    private void RequestCloses()
    {
        foreach (var (connection, _) in _connections)
        {
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    private static async Task ClosedAsync(ConnectionContext connection, CancellationToken deadline)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onClosed = connection.ConnectionClosed.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), closed);
        await using var onDeadline = deadline.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetCanceled(), closed);
        await ((Task)closed.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!closed.Task.IsCompletedSuccessfully)
        {
            connection.Abort(new ConnectionAbortedException("The listener was closed."));
        }
    }

    private async Task AcceptLoopAsync()
    {
        while (!Closing.IsCancellationRequested)
        {
            try
            {
                var accepted = await socket.AcceptAsync(Closing);
                _ = ServeAsync(accepted);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                // A connection that was reset before it was accepted, or the process is out of descriptors: both pass.
                ListenersLog.AcceptFailed(logger, EndPoint, e.SocketErrorCode);
                await Task.Delay(PauseAfterFailure, time, Closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket accepted)
    {
        var limiter = Volatile.Read(ref _limiter);
        if (!TryEnter(limiter))
        {
            accepted.Close(0);
            return;
        }

        ConnectionContext? connection = null;
        try
        {
            EdgeTelemetry.ConnectionsAccepted.Add(1);
            accepted.NoDelay = true;
            keepAlive.Set(accepted);
            connection = contexts.Create(accepted);
            if (Volatile.Read(ref _metrics) is { } metrics)
            {
                MeteredTransport.Measure(connection, metrics);
            }

            connection.Features.Set<IListenerFeature>(this);
            connection.Features.Set(limiter);
            _connections[connection] = true;
            connection.ConnectionClosed.UnsafeRegister(static (s, _) => ((Tracked)s!).Closed(), new Tracked(this, limiter, connection));
            await target.TakeAsync(connection, Closing);
        }
        catch (Exception e)
        {
            if (e is not (OperationCanceledException or IOException or ConnectionAbortedException))
            {
                ListenersLog.ConnectionFailed(logger, EndPoint, e);
            }

            if (connection is null)
            {
                Leave(limiter);
                accepted.Dispose();
                return;
            }

            connection.Abort(new ConnectionAbortedException(e.Message, e));
            await connection.DisposeAsync();
        }
    }

    private sealed class Tracked(Listener listener, ConnectionLimiter limiter, ConnectionContext connection)
    {
        public void Closed()
        {
            if (listener._connections.TryRemove(connection, out _))
            {
                listener.Leave(limiter);
            }
        }
    }

    private bool TryEnter(ConnectionLimiter limiter)
    {
        if (!budget.TryTake())
        {
            limiter.RefusedByProcess();
            return false;
        }

        if (!limiter.TryEnter())
        {
            budget.Give();
            return false;
        }

        return true;
    }

    private void Leave(ConnectionLimiter limiter)
    {
        limiter.Leave();
        budget.Give();
    }
}
