using Zilla.Config.Plans;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Sessions.Shares;
using Zilla.KafkaCache.Telemetry;
using Zilla.Streams;
using Zilla.Streams.Mqtt;
using Zilla.Streams.V1;
using Capability = Zilla.Streams.V1.MqttBeginEx.CapabilityOneofCase;

namespace Zilla.KafkaCache.Sessions;

/// <summary>
/// The sessions and shares of one owned partition. Sessions are in memory while something happens to them; of the others it knows only which wills and expiries are
/// due soon, from looking through the signals when it begins and again and again.
/// </summary>
internal sealed class SessionHost : IPartitionSessions, ISessionTable
{
    private const int LongestName = 65_535;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly SessionContext _context;
    private readonly Func<string, bool> _allows;
    private readonly DueQueue _due;
    private readonly ShareGroups _shares;
    private readonly Task _sweeping;
    private bool _releasing;

    /// <param name="partition">Can be read and written.</param>
    /// <param name="plan">Whose sessions they are.</param>
    /// <param name="allows">Whether clients may publish to a topic of Kafka, and read it.</param>
    /// <param name="cluster">What shared subscriptions read is of it.</param>
    /// <param name="topics">The way to its topics, in this replica.</param>
    /// <param name="options">Settings.</param>
    /// <param name="telemetry">Instruments.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public SessionHost(
        IOwnedPartition partition, SessionsPlan plan, Func<string, bool> allows, string cluster, IStreamOpener topics, SessionOptions options, SessionTelemetry telemetry, TimeProvider time,
        ILogger logger)
    {
        _context = new(partition, plan, options, telemetry, time, logger);
        _allows = allows;
        _due = new(time, Wake);
        _shares = new(_context, cluster, topics);
        _sweeping = new SignalSweep(_context, _due, IsActive, _shares.SweepAsync).RunAsync();
        partition.Lost.UnsafeRegister(static host => _ = ((SessionHost)host!).LetGoAsync(), this);
    }

    public SessionOptions Options => _context.Options;

    /// <summary>In memory now.</summary>
    public int Active
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>No session waits for Kafka.</summary>
    public bool IsQuiet
    {
        get
        {
            Session[] sessions;
            lock (_gate)
            {
                sessions = [.. _sessions.Values];
            }

            return !Array.Exists(sessions, session => session.IsBusy);
        }
    }

    /// <summary>Shared subscriptions with clients.</summary>
    public int Shares => _shares.Count;

    /// <summary>Completes when the signals have been looked through for the first time.</summary>
    public Task Started => _sweeping;

    public Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken) => stream.Opening.Mqtt switch
    {
        { CapabilityCase: Capability.Connect } begin => new SessionStream(stream, begin.Connect, this).RunAsync(),
        { CapabilityCase: Capability.Share } begin => ShareAsync(stream, begin.Share, cancellationToken),
        _ => throw new StreamBrokenException(Cause.ProtocolError, "MqttBeginEx without a capability"),
    };

    public Task ReleaseAsync(CancellationToken cancellationToken) => LetGoAsync().WaitAsync(cancellationToken);

    /// <summary>Has the session take a connection, in its turn.</summary>
    public Session Attach(ISessionClient client, MqttConnect connect)
    {
        while (true)
        {
            if (Find(connect.ClientId) is var session && session.TryAttach(client, connect))
            {
                return session;
            }
        }
    }

    /// <exception cref="StreamBrokenException">A client may not publish there.</exception>
    public void CheckTopics(MqttRecord message)
    {
        CheckTopic(message.Topic);
        if (message.RetainedTopic.Length > 0)
        {
            CheckTopic(message.RetainedTopic);
        }
    }

    private void CheckTopic(string topic)
    {
        if (topic.Length == 0 || topic == _context.Plan.SessionsTopic || topic == OwnersTopic.Of(_context.Plan.SessionsTopic) || !_allows(topic))
        {
            throw new StreamBrokenException(Cause.UnknownTopic, $"No route of the configuration leads to topic {topic}");
        }
    }

    private async Task ShareAsync(FrameStream stream, MqttShare share, CancellationToken cancellationToken)
    {
        if (share.Name.Length is 0 or > LongestName || share.Filter.Length is 0 or > LongestName)
        {
            throw new StreamBrokenException(Cause.ProtocolError, "MqttShare is not sound");
        }

        CheckTopic(share.Topic);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Partition.Lost);
        try
        {
            await new ShareStream(stream, share, _shares, _context.Telemetry).RunAsync(ending.Token);
        }
        catch (OperationCanceledException) when (_context.Partition.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Moving();
        }
    }

    public void Schedule(string clientId, long due)
    {
        if (!_context.Partition.Lost.IsCancellationRequested)
        {
            _due.Set(clientId, due > _context.Now + SignalSweep.HorizonMs(_context) ? long.MaxValue : due);
        }
    }

    public void Forget(Session session)
    {
        lock (_gate)
        {
            _sessions.Remove(session.ClientId);
        }
    }

    private async Task LetGoAsync()
    {
        Session[] sessions;
        lock (_gate)
        {
            _releasing = true;
            sessions = [.. _sessions.Values];
        }

        await Task.WhenAll([.. sessions.Select(session => session.ReleaseAsync(Moving())), _shares.ReleaseAsync(Moving())]);
        _due.Dispose();
    }

    private Session Find(string clientId)
    {
        lock (_gate)
        {
            if (_releasing)
            {
                throw Moving();
            }

            if (!_sessions.TryGetValue(clientId, out var session))
            {
                session = new(clientId, _context, this);
                _sessions.Add(clientId, session);
            }

            return session;
        }
    }

    private bool IsActive(string clientId)
    {
        lock (_gate)
        {
            return _sessions.ContainsKey(clientId);
        }
    }

    private void Wake(string clientId)
    {
        try
        {
            while (!_context.Partition.Lost.IsCancellationRequested && !Find(clientId).TryWake())
            {
            }
        }
        catch (StreamBrokenException)
        {
            // The partition goes to another owner, who sees to it.
        }
    }

    private static StreamBrokenException Moving() => new(Cause.NotOwner, "The partition goes to another replica");
}
