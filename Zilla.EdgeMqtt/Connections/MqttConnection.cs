using Microsoft.AspNetCore.Connections;
using Zilla.Edge.Guards;
using Zilla.Edge.Http;
using Zilla.Edge.Listeners;
using Zilla.Edge.Telemetry;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Server;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Connections;

/// <summary>
/// One network connection of a client, from its first byte to its last: CONNECT (<see cref="Handshake"/>), then packet after packet (<see cref="ReadLoop"/>), until either side ends it. Whatever
/// ends it, its session is told how, once, and after that nothing of it is left. Its writing is a loop of its own (<see cref="PacketOutput"/>); its times (<see cref="ConnectionTimes"/>) are the
/// wheel's.
/// </summary>
internal sealed class MqttConnection : WheelEntry, IOutputOwner
{
    private readonly ConnectionContext _context;
    private readonly MqttServerModel _server;
    private readonly MqttParts _parts;
    private readonly Func<GatewayModel, MqttServerModel?> _find;
    private readonly ConnectionTimes _times;
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Of its listener.</summary>
    private readonly CancellationToken _closing;
    private PacketOutput? _output;
    private Client? _client;
    private ClientPackets? _packets;
    private ReadLoop? _reading;

    /// <param name="context">The connection.</param>
    /// <param name="server">What serves it.</param>
    /// <param name="parts">Of this process.</param>
    /// <param name="find">What serves it under another configuration; null: nothing. Asked until the connection ends.</param>
    public MqttConnection(ConnectionContext context, MqttServerModel server, MqttParts parts, Func<GatewayModel, MqttServerModel?> find)
    {
        (_context, _server, _parts, _find) = (context, server, parts, find);
        _times = new(parts.Time, parts.Options);
        _closing = context.Features.Get<IListenerFeature>()?.Closing ?? CancellationToken.None;
        if (server.Metrics.Streams is { } streams)
        {
            MeteredTransport.Measure(context, streams);
        }
    }

    /// <summary>Serves the connection to its end and disposes it. Never throws.</summary>
    /// <param name="grants">What the client has been granted already, by its certificate.</param>
    public async Task RunAsync(Grants grants)
    {
        var closed = _context.ConnectionClosed.UnsafeRegister(static connection => ((MqttConnection)connection!).Stop(), this);
        var leaving = _closing.UnsafeRegister(static connection => ((MqttConnection)connection!).Leave(), this);
        _parts.Wheel.Schedule(this, _parts.Options.ConnectTimeout);
        ISession? session = null;
        IDelivery? delivery = null;
        try
        {
            var handshake = new Handshake(_context, _server, _parts, this);
            session = await handshake.RunAsync(grants, _ended.Token);
            (_output, _client) = (handshake.Output, handshake.Client);
            if (session is not null)
            {
                delivery = _parts.Deliveries.Create(_client!.IdBytes, _output!, session, _client.Kafka.Mapping);
                _packets = new ClientPackets(_client, _output!, session, delivery, _parts);
                _reading = new ReadLoop(_context, _client, _output!, _packets, _times, _closing);
                handshake.Accept(session.Attached.SessionPresent);
                handshake = null;
                _ = WatchAsync(session, _output!);
                _parts.Open.Add(this);
                _times.Heard();
                OnDue();
                await _reading.RunAsync(delivery, _ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended while something was waited for.
        }
        catch (Exception e) when (e is IOException or ConnectionResetException or ConnectionAbortedException)
        {
            // The client has gone.
        }
        catch (Exception e)
        {
            MqttLog.Failed(_parts.Logger, _context.ConnectionId, e);
            _output?.Disconnect(new(ReasonCode.UnspecifiedError, "the gateway failed; its log has the reason"));
        }
        finally
        {
            closed.Dispose();
            leaving.Dispose();
            await EndAsync(session, delivery);
        }
    }

    /// <summary>What another configuration means for it; null: it is the one that it is served by. Asked by <see cref="OpenConnections"/>.</summary>
    public Rejudgement? Judge(GatewayModel current) => _find(current) is var server && server == _server ? null : Rejudgement.Of(_client!, server);

    /// <summary>Another configuration counts from the next packet on.</summary>
    public void Change(Rejudgement judgement) => _reading!.Change(judgement);

    /// <summary>Its will is not to be published any more.</summary>
    public void ForgetWill()
    {
        MqttLog.WillForgotten(_parts.Logger, _server.Name, _client!.Id);
        _ = _packets!.ForgetWillAsync();
    }

    /// <summary>Ends it with a reason.</summary>
    public void Disconnect(MqttError error)
    {
        _server.Metrics.RefusedWith(PacketType.Disconnect, error.Reason);
        _output!.Disconnect(error);
    }

    /// <inheritdoc/>
    public override void OnDue()
    {
        var wait = _times.HasEnded ? Goodbye() : _packets is null ? FirstPacket() : Connected();
        if (wait > TimeSpan.Zero)
        {
            _parts.Wheel.Schedule(this, wait);
        }
    }

    /// <inheritdoc/>
    public void OnBlocked() => _parts.Wheel.Schedule(this, _parts.Options.SlowClientTimeout);

    /// <inheritdoc/>
    public void OnEnded() => Stop();

    /// <summary>Nothing is read any more, and there is not much time left.</summary>
    private void Stop()
    {
        _times.End();
        _parts.Wheel.Schedule(this, _parts.Options.GoodbyeTimeout);
        _context.Transport.Input.CancelPendingRead();
        _ = _ended.CancelAsync();
    }

    /// <summary>The listener is closed: clients are to come back elsewhere.</summary>
    private void Leave()
    {
        if (_output is { } output && _packets is not null)
        {
            output.Disconnect(new(ReasonCode.ServerShuttingDown, "the gateway is shutting down"));
        }

        Stop();
    }

    /// <summary>The session is another connection's now, or nobody's.</summary>
    private static async Task WatchAsync(ISession session, PacketOutput output) => output.Disconnect(await session.Ended);

    private async Task EndAsync(ISession? session, IDelivery? delivery)
    {
        _parts.Open.Remove(this);
        _output?.End();
        Stop();
        var closing = session is null ? Task.CompletedTask : CloseAsync(session, delivery);
        if (_output is not null)
        {
            await _output.DrainAsync();
        }

        await _context.Transport.Output.CompleteAsync();
        await _context.Transport.Input.CompleteAsync();
        await _context.DisposeAsync();
        _parts.Wheel.Remove(this);
        await closing;
    }

    private async Task CloseAsync(ISession session, IDelivery? delivery)
    {
        var how = HowItEnded();
        try
        {
            // Its stream goes with the connection, whatever fails: the owner would take the client for connected.
            await using (session)
            {
                await (delivery?.DisposeAsync() ?? ValueTask.CompletedTask);
                if (!session.Ended.IsCompleted)
                {
                    await session.CloseAsync(how, CancellationToken.None);
                }
            }
        }
        catch (Exception e)
        {
            MqttLog.NotClosed(_parts.Logger, _context.ConnectionId, e.Message);
        }

        _server.Limiter.Leave();
        _server.Metrics.Disconnected(_client!.Version);
    }

    private MqttEndEx HowItEnded() => _packets?.Goodbye is { } goodbye ? goodbye
        : new() { How = _closing.IsCancellationRequested ? MqttEndEx.Types.How.Leaving : MqttEndEx.Types.How.Lost };

    private TimeSpan FirstPacket()
    {
        var left = _times.LeftToConnect;
        if (left <= TimeSpan.Zero)
        {
            _context.Abort(new ConnectionAbortedException("No CONNECT in time."));
            Stop();
        }

        return left;
    }

    private TimeSpan Goodbye()
    {
        var left = _times.LeftToGo;
        if (left <= TimeSpan.Zero)
        {
            _context.Abort(new ConnectionAbortedException("It did not take its last bytes in time."));
        }

        return left;
    }

    private TimeSpan Connected()
    {
        var left = _times.Left(_client!, _output!, out var over);
        if (over is { } error)
        {
            _output!.Disconnect(error);
        }

        return left;
    }
}
