using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.EdgeMqtt.Sessions;

/// <summary>Keeps a stream open at whoever owns a key: opens it again, with growing pauses, whenever it is lost or the owner is another one.</summary>
/// <param name="owners">Who owns it.</param>
/// <param name="space">Whose sessions.</param>
/// <param name="key">A client id, or <c>$share/name/filter</c>.</param>
/// <param name="user">Whose stream it is.</param>
/// <param name="options">Settings.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class OwnerStream(
    ISessionOwners owners, SessionSpace space, string key, IOwnerStreamUser user, SessionsOptions options, TimeProvider time, ILogger logger)
{
    private long _newerThan = -1;
    private TimeSpan _pause;

    /// <summary>Why the last attempt failed; null: it did not.</summary>
    public StreamBrokenException? Problem { get; private set; }

    /// <summary>Completes when the stream is over in order.</summary>
    /// <exception cref="SessionRefusedException">It is over for good.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _pause = options.RetryDelay;
        while (true)
        {
            try
            {
                await ServeAsync(cancellationToken);
                return;
            }
            catch (StreamBrokenException broken)
            {
                Problem = broken;
                SessionsLog.Lost(logger, key, broken.Cause, broken.Message);
                if (ReasonOf(broken.Cause) is { } reason)
                {
                    throw new SessionRefusedException(reason, broken.Message);
                }
            }

            // Many connections have lost their owner at once: they do not come back in step.
            await Task.Delay(_pause * (1 - Random.Shared.NextDouble() / 2), time, cancellationToken);
            _pause = _pause * 2 < options.MaxRetryDelay ? _pause * 2 : options.MaxRetryDelay;
        }
    }

    /// <summary>The owner has taken the stream: all is well, for now.</summary>
    public void Served() => (_pause, Problem, _newerThan) = (options.RetryDelay, null, -1);

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        var owner = await FindAsync(cancellationToken);
        var opening = user.Begin();
        (opening.Cluster, opening.SessionsTopic, opening.Epoch) = (space.Cluster, space.SessionsTopic, owner.Epoch);
        try
        {
            await using var stream = owners.Open(owner, new() { Mqtt = opening });
            await user.ServeAsync(stream, cancellationToken);
        }
        catch (StreamBrokenException broken) when (broken.Cause == Cause.NotOwner)
        {
            _newerThan = owner.Epoch;
            throw;
        }
    }

    private async Task<Owners.SessionOwner> FindAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_newerThan >= 0 ? options.NextOwnerTimeout : Timeout.InfiniteTimeSpan, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await owners.WaitAsync(space, key, _newerThan, waiting.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It may have been a passing refusal of the one that still is the owner.
            _newerThan = -1;
            throw new StreamBrokenException(Cause.NotOwner, "Nobody has become the owner yet");
        }
    }

    /// <summary>What the client is told where trying again cannot help; null: it can.</summary>
    private static ReasonCode? ReasonOf(Cause cause) => cause switch
    {
        Cause.TakenOver => ReasonCode.SessionTakenOver,
        Cause.Misconfigured or Cause.NotAuthorized or Cause.UnknownTopic or Cause.InvalidRecord or Cause.ProtocolError => ReasonCode.ImplementationSpecificError,
        _ => null,
    };
}

/// <summary>Who keeps a stream open at the owner of a key.</summary>
internal interface IOwnerStreamUser
{
    /// <summary>What to open it with; cluster, topic and epoch are filled in.</summary>
    MqttBeginEx Begin();

    /// <summary>What to do with it; tells <see cref="OwnerStream.Served"/>. Returns when it is over in order; throws when it is not.</summary>
    Task ServeAsync(FrameStream stream, CancellationToken cancellationToken);
}
