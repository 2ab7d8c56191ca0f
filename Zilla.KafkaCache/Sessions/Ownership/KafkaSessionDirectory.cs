using Confluent.Kafka;
using Zilla.Config.Plans;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Clusters;
using Zilla.KafkaCache.Fetch;
using Zilla.Streams;
using Zilla.Streams.Mqtt;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// Ownership by Kafka's own means: the replicas are one consumer group on the sessions topic, a transactional producer per partition fences its former owner, and the
/// owners topic says who it is. Keeps the sessions topic held for as long as it is served, and waits for one that cannot be served to be put right.
/// </summary>
internal sealed class KafkaSessionDirectory : ISessionDirectory
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster;
    private readonly SessionsPlan _plan;
    private readonly ClusterParts _parts;
    private readonly SessionsTopicCheck _check;
    private readonly PartitionSessionsFactory _factory;
    private readonly OwnershipParts _ownership;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private volatile TopicProblem? _problem;
    private volatile OwnedPartitions? _owned;
    private volatile string? _concern;

    public KafkaSessionDirectory(Cluster cluster, SessionsPlan plan, ClusterParts parts, ClusterMetadata metadata, PartitionSessionsFactory factory)
    {
        (_cluster, _plan, _parts, _check, _factory) = (cluster, plan, parts, new SessionsTopicCheck(metadata, plan.SessionsTopic), factory);
        _ownership = new()
        {
            Instance = parts.Instance,
            Group = $"zilla:{plan.Namespace}-{plan.Binding}",
            CreateTransactions = id => new KafkaTransactions(parts, id),
            EndOffsetAsync = metadata.EndOffsetAsync,
            Options = parts.Options,
            Time = parts.Time,
            Logger = parts.Logger,
        };
        using (ExecutionContext.SuppressFlow())
        {
            _running = Task.Run(RunAsync);
        }
    }

    public string Topic => _plan.SessionsTopic;

    public string Group => $"{_ownership.Group}-sessions";

    public int Partitions => _owned?.Topic.Partitions ?? 0;

    public TopicProblem? Problem => _problem;

    /// <summary>What is not as it should be though sessions are served; null: nothing.</summary>
    public string? Concern => _concern;

    /// <summary>How many partitions this replica owns.</summary>
    public int Owned => _owned?.Count ?? 0;

    public SessionOwner? OwnerOf(int partition) => _owned?.OwnerOf(partition);

    public OwnedSessions? Find(int partition) => _owned?.Find(partition);

    public Task SettledAsync(int partition) => _owned?.SettledAsync(partition) ?? Task.CompletedTask;

    /// <summary>Gives all partitions up in good order and leaves the group.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                var cause = problem switch
                {
                    StreamBrokenException broken => broken.Cause,
                    KafkaException kafka => KafkaCauses.Of(kafka.Error.Code),
                    _ => Cause.Internal,
                };
                if (_problem?.Message != problem.Message)
                {
                    if (_check.IsNotCompacted)
                    {
                        OwnershipLog.NotCompacted(_parts.Logger, _plan.Binding, Topic);
                    }
                    else
                    {
                        OwnershipLog.Unserved(_parts.Logger, Topic, problem.Message);
                    }
                }

                _problem = new(cause, problem.Message);
            }

            await Task.Delay(Retry, _parts.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        var count = await _check.SessionsAsync();
        await _check.OwnersAsync();
        using var sessions = _cluster.Topics.Acquire(Topic);
        using var owners = _cluster.Topics.Acquire(OwnersTopic.Of(Topic));
        await new TopicHydration(sessions.Topic, _cluster.State, _parts.Options, _parts.Time).WaitAsync(cancellationToken);
        await new TopicHydration(owners.Topic, _cluster.State, _parts.Options, _parts.Time).WaitAsync(cancellationToken);

        var claims = new ClaimReader(owners.Topic, _cluster, _parts);
        var known = new List<(OwnerClaim Claim, long Epoch)>();
        await claims.ReadAsync((claim, epoch) => known.Add((claim, epoch)), cancellationToken);
        var partitions = known.Count > 0 ? known.MaxBy(claim => claim.Epoch).Claim.Partitions : count;
        if (partitions > count)
        {
            throw new StreamBrokenException(Cause.Misconfigured, $"Topic {Topic} has {count} partitions, but sessions were kept in {partitions}: where it was made anew, delete {OwnersTopic.Of(Topic)}");
        }

        _concern = ConcernOf(partitions, count);
        var owned = new OwnedPartitions(new(_plan, _cluster, sessions.Topic, partitions, _parts.Options, _parts.Time), _factory, _ownership);
        known.ForEach(claim => owned.Claimed(claim.Claim.Partition, new(claim.Claim.Instance, claim.Epoch, claim.Claim.Partitions)));
        (_owned, _problem) = (owned, null);
        OwnershipLog.Served(_parts.Logger, Topic, partitions, Group);
        var membership = new GroupMembership(_parts, Group, Topic, owned);
        try
        {
            await FollowAsync(owned, claims, sessions.Topic, owners.Topic, cancellationToken);
        }
        finally
        {
            await membership.LeaveAsync();
            _owned = null;
        }
    }

    /// <summary>Takes claims as they come and looks at the topic from time to time; returns when it has gone.</summary>
    private async Task FollowAsync(OwnedPartitions owned, ClaimReader claims, TopicCache sessions, TopicCache owners, CancellationToken cancellationToken)
    {
        var looked = _parts.Time.GetTimestamp();
        while (!sessions.Gone && !owners.Gone)
        {
            var version = owners.Signal.Version;
            await claims.ReadAsync((claim, epoch) => owned.Claimed(claim.Partition, new(claim.Instance, epoch, claim.Partitions)), cancellationToken);
            await owners.Signal.WaitAsync(version, cancellationToken).WaitAsync(_parts.Options.MetadataRefresh, _parts.Time, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (_parts.Time.GetElapsedTime(looked) >= _parts.Options.MetadataRefresh)
            {
                looked = _parts.Time.GetTimestamp();
                await LookAsync(owned.Topic.Partitions);
            }
        }

        _problem = new(Cause.Misconfigured, $"Topic {(sessions.Gone ? Topic : OwnersTopic.Of(Topic))} was deleted or made anew");
    }

    /// <exception cref="StreamBrokenException">CAUSE_MISCONFIGURED: it is of no use any more.</exception>
    private async Task LookAsync(int partitions)
    {
        try
        {
            var count = await _check.SessionsAsync();
            if (ConcernOf(partitions, count) is var concern && concern != _concern)
            {
                _concern = concern;
                OwnershipLog.PartitionsChanged(_parts.Logger, Topic, count, concern ?? "as many as sessions are kept in");
            }
        }
        catch (KafkaException)
        {
            // Kafka does not answer: what was served is served.
        }
    }

    private string? ConcernOf(int partitions, int count) => count == partitions ? null
        : $"topic {Topic} has {count} partitions, and sessions stay in the first {partitions}: the others would part client ids from what was written for them";
}
