using System.Buffers;
using System.Net;
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
/// One network connection of a client, from its first byte to its last: CONNECT, then packet after packet in the order they come, until either side ends it.
/// Its reading is one loop, its writing another (<see cref="PacketOutput"/>); its times (<see cref="ConnectionTimes"/>) are the wheel's.
/// </summary>
internal sealed class MqttConnection : WheelEntry, IOutputOwner
{
    private readonly ConnectionContext _context;
    private readonly MqttServerModel _server;
    private readonly MqttParts _parts;
    private readonly Func<GatewayModel, MqttServerModel?> _find;
    private readonly ConnectionTimes _times;
    private readonly CancellationTokenSource _ended = new();
    private PacketOutput? _output;
    private Client? _client;
    private ClientPackets? _packets;
    private volatile bool _isLeaving;
    private Rejudgement? _change;

    /// <param name="context">The connection.</param>
    /// <param name="server">What serves it.</param>
    /// <param name="parts">Of this process.</param>
    /// <param name="find">What serves it under another configuration; null: nothing. Asked until the connection ends.</param>
    public MqttConnection(ConnectionContext context, MqttServerModel server, MqttParts parts, Func<GatewayModel, MqttServerModel?> find)
    {
        (_context, _server, _parts, _find) = (context, server, parts, find);
        _times = new(parts.Time, parts.Options);
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
        var leaving = _context.Features.Get<IListenerFeature>()?.Closing.UnsafeRegister(static connection => ((MqttConnection)connection!).Leave(), this);
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
                handshake.Accept(session.Attached.SessionPresent);
                handshake = null;
                _ = WatchAsync(session, _output!);
                _parts.Open.Add(this);
                await ServeAsync(delivery);
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
            leaving?.Dispose();
            await EndAsync(session, delivery);
        }
    }

    /// <summary>What another configuration means for it; null: it is the one that it is served by. Asked by <see cref="OpenConnections"/>.</summary>
    public Rejudgement? Judge(GatewayModel current) => _find(current) is var server && server == _server ? null : Rejudgement.Of(_client!, server);

    /// <summary>Another configuration counts from the next packet on.</summary>
    public void Change(Rejudgement judgement)
    {
        Interlocked.Exchange(ref _change, judgement);
        _context.Transport.Input.CancelPendingRead();
    }

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
        _isLeaving = true;
        if (_output is { } output && _packets is not null)
        {
            output.Disconnect(new(ReasonCode.ServerShuttingDown, "the gateway is shutting down"));
        }

        Stop();
    }

    private async Task ServeAsync(IDelivery delivery)
    {
        var (input, output, packets) = (_context.Transport.Input, _output!, _packets!);
        _times.Heard();
        OnDue();
        delivery.Resume(_client!.Rights.MaySubscribe);
        while (!output.HasEnded)
        {
            var read = await input.ReadAsync();
            if (Interlocked.Exchange(ref _change, null) is { } change)
            {
                Apply(change, delivery);
            }

            var buffer = read.Buffer;
            _times.Listen(false);
            var length = buffer.Length;
            while (!output.HasEnded && TryNext(ref buffer, output, out var frame))
            {
                var handled = packets.HandleAsync(frame, _ended.Token);
                if (!handled.IsCompletedSuccessfully)
                {
                    await handled;
                }
            }

            if (buffer.Length != length)
            {
                _times.Heard();
                _server.Metrics.BytesReceived(length - buffer.Length);
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || _isLeaving)
            {
                return;
            }

            if (output.IsFull)
            {
                await output.WaitForRoomAsync(_ended.Token);
            }

            _times.Listen(true);
        }
    }

    private void Apply(Rejudgement change, IDelivery delivery)
    {
        var client = _client!;
        (client.Rights, client.Limiter) = (change.Rights!, change.Limiter!);
        client.Sender = client.Limiter.SenderOf((_context.RemoteEndPoint as IPEndPoint)?.Address, client.Grants);
        if (delivery.Filters.Any(filter => !client.Rights.MaySubscribe(filter)))
        {
            Disconnect(new(ReasonCode.NotAuthorized, "the configuration has changed: the client may not have all that it subscribes to"));
        }
    }

    private bool TryNext(ref ReadOnlySequence<byte> buffer, PacketOutput output, out MqttFrame frame)
    {
        var status = FrameReader.TryRead(ref buffer, _server.Limits.Packet, output.Version, out frame, out var error);
        if (status == FrameStatus.Malformed)
        {
            _packets!.Fail(error);
        }

        return status == FrameStatus.Packet;
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
        try
        {
            if (delivery is not null)
            {
                await delivery.DisposeAsync();
            }

            if (!session.Ended.IsCompleted)
            {
                await session.CloseAsync(HowItEnded(), CancellationToken.None);
            }

            await session.DisposeAsync();
        }
        catch (Exception e)
        {
            MqttLog.NotClosed(_parts.Logger, _context.ConnectionId, e.Message);
        }

        _server.Limiter.Leave();
        _server.Metrics.Disconnected(_client!.Version);
    }

    private MqttEndEx HowItEnded() => _packets?.Goodbye is { } goodbye ? goodbye
        : new() { How = _isLeaving ? MqttEndEx.Types.How.Leaving : MqttEndEx.Types.How.Lost };

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
