using Confluent.Kafka;
using Zilla.KafkaCache.Clusters;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// Membership in the group of replicas that share one sessions topic: says which partitions are this replica's. Nothing is read through it. A thread of its own that
/// does nothing else, so that nothing but the process itself can be late.
/// </summary>
internal sealed class GroupMembership
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly IPartitionHolder _holder;
    private readonly IConsumer<Ignore, Ignore> _consumer;
    private readonly string _topic;
    private readonly ILogger _logger;
    private readonly List<TopicPartition> _assigned = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _leaving;

    /// <param name="parts">Of the cluster.</param>
    /// <param name="group">The group's id.</param>
    /// <param name="topic">The sessions topic.</param>
    /// <param name="holder">Is told of partitions.</param>
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

        _consumer.Dispose();
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
