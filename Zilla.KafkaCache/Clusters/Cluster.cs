using Confluent.Kafka;
using Zilla.Config.Plans;
using Zilla.Config.Vaults;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Conversion;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Work;

namespace Zilla.KafkaCache.Clusters;

/// <summary>One Kafka cluster that is served: a consumer, producers, and the topics that are held of it. Never fails to start: a cluster that cannot be reached is waited for.</summary>
internal sealed class Cluster
{
    private readonly ClusterParts _parts;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ClusterConsumer _consumer;
    private readonly ClusterMetadata _metadata;
    private readonly ClusterMonitor _monitor;
    private readonly Task _monitoring;
    private readonly KafkaSessionDirectory[] _sessions;
    private readonly Lock _gate = new();
    private Task? _stop;

    /// <exception cref="FormatException">A store of its vault cannot be used.</exception>
    /// <exception cref="InvalidOperationException">The client library refuses what the plan says.</exception>
    public Cluster(ClusterPlan plan, string instance, CacheOptions options, MemoryBudget budget, IRecordConversion conversion, TimeProvider time, ILogger logger, PartitionSessionsFactory? sessions = null, WorkFactory? work = null)
    {
        // The stamp first: what is written while the stores are read is read again.
        StoresStamp = StampOf(plan);
        _parts = new(plan, instance, TlsSettings.Read(plan.Tls), options, time, logger, _stopping.Token);
        State = new(logger, plan.Name);
        _consumer = new(_parts, conversion, State, OnError);
        _metadata = new(_consumer.Client);
        Ends = new(EndOffsetAsync);
        Producers = new(_parts);
        PartitionCounts = new(_metadata, Producers, time);
        History = new(_parts, conversion, budget);
        var feed = new TopicFeed(_parts, _consumer, _metadata, Producers, State, budget);
        Topics = new(feed, options.TopicIdle, time);
        _monitor = new(_parts, _metadata, Topics, feed, State);
        _consumer.Renewed += OnRenewed;
        _consumer.Start();
        CacheLog.ClusterStarted(logger, plan.Name, string.Join(',', plan.Servers));
        foreach (var topic in plan.Bootstrap)
        {
            Topics.Pin(topic);
        }

        _monitoring = Task.Run(_monitor.RunAsync);

        // Bindings that name the same topic share its sessions.
        _sessions = [.. plan.Sessions.DistinctBy(kept => kept.SessionsTopic).Select(kept => new KafkaSessionDirectory(this, kept, _parts, _metadata, sessions ?? NoSessions.Factory))];
        Sessions = _sessions.ToDictionary(directory => directory.Topic, ISessionDirectory (directory) => directory, StringComparer.Ordinal);
        Work = work is null ? new(StringComparer.Ordinal) : plan.Work.ToDictionary(calls => calls.Group, calls => work(calls, _parts, _metadata, Producers), StringComparer.Ordinal);
    }

    public string Name => _parts.Plan.Name;
    public ClusterPlan Plan => _parts.Plan;
    public ClusterState State { get; }
    public TopicDirectory Topics { get; }
    public ClusterProducers Producers { get; }
    public PartitionCounts PartitionCounts { get; }

    /// <summary>Sessions topic → who owns its partitions.</summary>
    public IReadOnlyDictionary<string, ISessionDirectory> Sessions { get; }

    /// <summary>Consumer group → the calls of a kafka-grpc binding.</summary>
    public Dictionary<string, WorkHost> Work { get; }

    /// <summary>Of the stores that its keys and trust come from, when they were read; see <see cref="VaultStamps.Stamp"/>.</summary>
    public string StoresStamp { get; }

    public string StoresStampNow => StampOf(Plan);

    /// <summary>For what is not held.</summary>
    public HistoryReaders History { get; }

    /// <summary>Cancelled when the cluster is no longer served; its streams end then.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Where topics end in Kafka itself.</summary>
    public TopicEnds Ends { get; }

    /// <summary>Where a partition ends in Kafka itself; null when that cannot be asked now.</summary>
    public async Task<long?> EndOffsetAsync(string topic, int partition)
    {
        try
        {
            return await _metadata.EndOffsetAsync(topic, partition);
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    /// <summary>Ends the streams, flushes what was handed to the producers, closes the consumer.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            return _stop ??= Task.Run(StopOnceAsync);
        }
    }

    private async Task StopOnceAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll([.. _sessions.Select(directory => directory.StopAsync()), .. Work.Values.Select(calls => calls.StopAsync())]);
        Topics.Dispose();
        var metadata = _metadata.DisposeAsync().AsTask();
        Producers.Close();
        await metadata;
        await _monitoring;
        await History.DisposeAsync();
        Producers.Dispose();
        _consumer.Dispose();
        CacheLog.ClusterStopped(_parts.Logger, Name);
    }

    private void OnError(Error error)
    {
        if (error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Authentication)
        {
            State.Failed(error.Reason, isRefusal: error.Code == ErrorCode.Local_Authentication);
        }

        _monitor?.Ask();
    }

    private static string StampOf(ClusterPlan plan) => plan.Tls?.Vault is { } vault ? VaultStamps.Stamp([vault]) : "";

    private void OnRenewed(TopicCache topic, string reason)
    {
        CacheLog.TopicRenewed(_parts.Logger, Name, topic.Name, reason);
        Topics.Renew(topic);
    }
}
