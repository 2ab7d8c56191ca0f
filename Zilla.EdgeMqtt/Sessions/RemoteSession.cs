using System.Buffers;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>
/// A connection's session at its owner, whoever that is at the time. What is asked is answered once, by whichever owner; the connection that has the session is told once when it has it no more.
/// </summary>
internal sealed class RemoteSession : ISession, IOwnerStreamUser
{
    private readonly SessionRequest _request;
    private readonly ISessionOwners _owners;
    private readonly SessionsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Guid _connection = Guid.NewGuid();
    private readonly SessionCalls _calls = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<MqttError> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly OwnerStream _stream;
    private readonly PendingReport _report;
    private Task _running = Task.CompletedTask;
    private bool _isStored;

    public RemoteSession(SessionRequest request, ISessionOwners owners, SessionsOptions options, TimeProvider time, ILogger logger)
    {
        (_request, _owners, _options, _time, _logger) = (request, owners, options, time, logger);
        _stream = new(owners, request.Space, request.ClientId, this, options, time, logger);
        _report = new(_calls, options.ReportInterval, time);
    }

    public MqttAttached Attached { get; private set; } = new();

    public Task<MqttError> Ended => _ended.Task;

    /// <summary>Returns when the connection has the session.</summary>
    /// <exception cref="SessionRefusedException">It will not.</exception>
    public async Task AttachAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync();
        try
        {
            await await Task.WhenAny(_attached.Task, _running).WaitAsync(_options.OwnerTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            var problem = _stream.Problem;
            throw new SessionRefusedException(
                problem?.Cause == Cause.Overloaded ? ReasonCode.ServerBusy : ReasonCode.ServerUnavailable, problem?.Message ?? "nobody owns the session");
        }

        if (_ended.Task.IsCompletedSuccessfully && !_attached.Task.IsCompleted)
        {
            var error = await _ended.Task;
            throw new SessionRefusedException(error.Reason, error.Cause);
        }
    }

    public async Task SubscribeAsync(MqttSubscribe change, CancellationToken cancellationToken)
    {
        await Call(new() { Subscribe = change }).WaitAsync(cancellationToken);
        _isStored |= !change.ForgetWill;
    }

    public async Task PublishAsync(MqttPublish publish, ReadOnlySequence<byte> value, CancellationToken cancellationToken)
    {
        await Call(new() { Publish = publish }, value.ToArray()).WaitAsync(cancellationToken);
        _isStored = true;
    }

    public Task ReleaseAsync(ushort packetId, CancellationToken cancellationToken) =>
        Call(new() { Release = new() { PacketId = packetId } }).WaitAsync(cancellationToken);

    public Task RecordAsync(MqttDelivery delivery, CancellationToken cancellationToken) => Call(new() { Delivery = delivery.Clone() }).WaitAsync(cancellationToken);

    public void Report(MqttDelivery delivery) => _report.Add(delivery);

    public async Task<IShare> ShareAsync(MqttShare share, CancellationToken cancellationToken)
    {
        (share.ClientId, share.Connection) = (_request.ClientId, _connection.ToString("N"));
        var remote = new RemoteShare(share, _request.Space, _owners, _options, _time, _logger);
        try
        {
            await remote.JoinAsync(cancellationToken);
            return remote;
        }
        catch
        {
            await remote.DisposeAsync();
            throw;
        }
    }

    public async Task CloseAsync(MqttEndEx end, CancellationToken cancellationToken)
    {
        _report.Send();
        _calls.End(end);
        try
        {
            await _running.WaitAsync(_options.CloseTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The stream breaks instead: the owner, when there is one, takes the connection for lost.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_running.IsCompleted)
        {
            await CloseAsync(new() { How = MqttEndEx.Types.How.Lost }, CancellationToken.None);
        }

        await StopAsync();
    }

    /// <summary>Lets go of the stream, whatever state it is in.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _report.DisposeAsync();
    }

    MqttBeginEx IOwnerStreamUser.Begin() => new()
    {
        Connect = new()
        {
            ClientId = _request.ClientId,
            Connection = _connection.ToString("N"),
            Again = _attached.Task.IsCompleted,
            CleanStart = _request.CleanStart,
            Expiry = _request.Expiry,
            Will = _request.Will,
        },
    };

    private Task Call(MqttDataEx message, byte[]? payload = null)
    {
        // What was reported before counts before.
        _report.Send();
        return _calls.Add(message, payload);
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        Exception? over = null;
        try
        {
            await _stream.RunAsync(_stop.Token);
        }
        catch (SessionRefusedException refused)
        {
            over = refused;
            _ended.TrySetResult(new(refused.Reason, refused.Message));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody needs it any more.
        }
        catch (Exception fault)
        {
            SessionsLog.Fault(_logger, fault, _request.ClientId);
            _ended.TrySetResult(new(ReasonCode.UnspecifiedError, "the session met a fault"));
        }

        _calls.Fail(over ?? new SessionRefusedException(ReasonCode.UnspecifiedError, "the connection has ended"));
    }

    async Task IOwnerStreamUser.ServeAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        var owner = new SessionOwnerStream(stream, _calls);
        Take(await owner.ReadAttachedAsync(cancellationToken));
        _stream.Served();
        await owner.RunAsync(cancellationToken);
    }

    private void Take(MqttAttached attached)
    {
        var again = _attached.Task.IsCompleted;
        SessionsLog.Attached(_logger, _request.ClientId, attached.SessionPresent, again);
        if (!again)
        {
            Attached = attached;
            _isStored = attached.SessionPresent || _request.Expiry > 0;
            _attached.TrySetResult();
        }
        else if (_isStored && !attached.SessionPresent)
        {
            // A connection that goes on would never learn that its subscriptions are gone.
            throw new SessionRefusedException(ReasonCode.UnspecifiedError, "the session has ended while no owner could be reached");
        }
    }
}
