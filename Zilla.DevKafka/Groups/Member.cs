namespace Zilla.DevKafka.Groups;

/// <summary>A member of a group. Guarded by the group's lock.</summary>
internal sealed class Member(string id, JoinRequest joined) : IDisposable
{
    private ITimer? _session;

    public string Id => id;
    public string? InstanceId => joined.InstanceId;
    public string ClientId => joined.ClientId;
    public string ClientHost => joined.ClientHost;
    public TimeSpan SessionTimeout { get; private set; } = joined.SessionTimeout;
    public TimeSpan RebalanceTimeout { get; private set; } = joined.RebalanceTimeout;
    public List<GroupProtocol> Protocols { get; private set; } = joined.Protocols;
    public byte[] Assignment { get; set; } = [];

    /// <summary>The member's JoinGroup that waits for the others.</summary>
    public TaskCompletionSource<JoinResult>? Joining { get; private set; }

    /// <summary>The member's SyncGroup that waits for the leader.</summary>
    public TaskCompletionSource<SyncResult>? Syncing { get; private set; }

    /// <summary>While a request of its own is waiting, a member cannot be expected to send heartbeats.</summary>
    public bool IsWaiting => Joining is not null || Syncing is not null;

    public byte[] MetadataFor(string? protocol) => Protocols.Find(p => p.Name == protocol)?.Metadata ?? [];

    public bool Offers(List<GroupProtocol> protocols) =>
        Protocols.Count == protocols.Count
        && Protocols.Zip(protocols).All(pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));

    public void Update(JoinRequest request)
    {
        Protocols = request.Protocols;
        SessionTimeout = request.SessionTimeout;
        RebalanceTimeout = request.RebalanceTimeout;
    }

    public Task<JoinResult> AwaitJoin()
    {
        Joining ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return Joining.Task;
    }

    public void CompleteJoin(JoinResult result)
    {
        var joining = Joining;
        Joining = null;
        joining?.TrySetResult(result);
    }

    public Task<SyncResult> AwaitSync()
    {
        Syncing ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        return Syncing.Task;
    }

    public void CompleteSync(SyncResult result)
    {
        var syncing = Syncing;
        Syncing = null;
        syncing?.TrySetResult(result);
    }

    /// <summary>Starts the session timeout anew; <paramref name="expired"/> runs when nothing is heard until then.</summary>
    public void Heard(TimeProvider time, Action<Member> expired)
    {
        if (_session is null)
        {
            _session = time.CreateTimer(_ => expired(this), null, SessionTimeout, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _session.Change(SessionTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _session?.Dispose();
}
