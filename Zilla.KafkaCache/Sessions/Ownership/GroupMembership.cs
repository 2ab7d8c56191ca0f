using Confluent.Kafka;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// Membership in the group of replicas that share one topic: says which partitions are this replica's, and keeps what the group has committed. Nothing is read through
/// it. A thread of its own that does nothing else, so that nothing but the process itself can be late.
/// </summary>
internal sealed class GroupMembership
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly IPartitionHolder _holder;
    private readonly IConsumer<Ignore, Ignore> _consumer;
    private readonly string _topic;
    private readonly ILogger _logger;
    private readonly List<TopicPartition> _assigned = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _client = new();
    private volatile bool _leaving;
    private bool _disposed;

    /// <param name="parts">Of the cluster.</param>
    /// <param name="group">The group's id.</param>
    /// <param name="topic">What is shared.</param>
    /// <param name="holder">Is told of partitions, perhaps before this returns.</param>
    public GroupMembership(ClusterParts parts, string group, string topic, IPartitionHolder holder)
    {
        (_holder, _topic, _logger) = (holder, topic, parts.Logger);
        var log = new ClientLog(parts.Logger, parts.Plan.Name);
        var builder = new ConsumerBuilder<Ignore, Ignore>(ClientSettings.Membership(parts, group))
            .SetLogHandler((_, message) => log.Write(group, message))
            .SetErrorHandler((_, _) => { })
            .SetPartitionsAssignedHandler(Assigned)
            .SetPartitionsRevokedHandler((_, partitions) => holder.Release([.. partitions.Select(partition => partition.Partition.Value)]))
            .SetPartitionsLostHandler((_, partitions) => holder.Discard([.. partitions.Select(partition => partition.Partition.Value)]));
        _consumer = (BearerToken.For(parts.Plan, parts.Time) is { } bearer ? builder.SetOAuthBearerTokenRefreshHandler(bearer) : builder).Build();
        _thread = new Thread(Run) { IsBackground = true, Name = $"share {topic}" };
        _thread.Start();
    }

    /// <summary>Leaves the group at once, its partitions being released before.</summary>
    public Task LeaveAsync()
    {
        _leaving = true;
        return _left.Task;
    }

    /// <summary>The offset that the group has committed; null: none. Waits for Kafka.</summary>
    /// <exception cref="KafkaException">It did not answer.</exception>
    public long? Committed(int partition)
    {
        lock (_client)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _consumer.Committed([new(_topic, partition)], Timeout).Single().Offset is { IsSpecial: false } offset ? offset.Value : null;
        }
    }

    /// <summary>Commits the next offsets of partitions, as a member: if they are another's by now, it is refused. Waits for Kafka.</summary>
    /// <exception cref="KafkaException">Refused, or Kafka did not answer.</exception>
    public void Commit(IEnumerable<(int Partition, long Next)> offsets)
    {
        lock (_client)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _consumer.Commit(offsets.Select(offset => new TopicPartitionOffset(_topic, offset.Partition, offset.Next)));
        }
    }

    private void Run()
    {
        _consumer.Subscribe(_topic);
        while (!_leaving)
        {
            try
            {
                _consumer.Consume(Poll);
                if (_assigned.Count > 0)
                {
                    _consumer.Pause(_assigned);
                    _assigned.Clear();
                }
            }
            catch (ConsumeException problem)
            {
                OwnershipLog.MembershipFailed(_logger, _topic, problem.Error.Reason);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                OwnershipLog.MembershipFault(_logger, fault, _topic);
                Thread.Sleep(Poll); // a fault that repeats must not spin
            }
        }

        try
        {
            _consumer.Close();
        }
        catch (KafkaException problem)
        {
            OwnershipLog.MembershipFailed(_logger, _topic, problem.Error.Reason);
        }

        // A commit may still wait for Kafka.
        var disposed = Task.Run(() =>
        {
            lock (_client)
            {
                _disposed = true;
                _consumer.Dispose();
            }
        });
        disposed.Wait(Timeout);
        _left.SetResult();
    }

    private IEnumerable<TopicPartitionOffset> Assigned(IConsumer<Ignore, Ignore> consumer, List<TopicPartition> partitions)
    {
        _assigned.AddRange(partitions); // within this call they cannot be paused yet
        _holder.Take([.. partitions.Select(partition => partition.Partition.Value)]);
        return partitions.Select(partition => new TopicPartitionOffset(partition, Offset.End));
    }
}

/// <summary>What is done with the partitions that a member of a group is assigned. Called from its thread.</summary>
internal interface IPartitionHolder
{
    /// <summary>They are this replica's from now on.</summary>
    void Take(IReadOnlyList<int> partitions);

    /// <summary>They go to others as soon as this returns, which it does in bounded time.</summary>
    void Release(IReadOnlyList<int> partitions);

    /// <summary>They may be others' already.</summary>
    void Discard(IReadOnlyList<int> partitions);
}
