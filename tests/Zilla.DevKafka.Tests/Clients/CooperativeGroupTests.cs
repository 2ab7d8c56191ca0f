using Confluent.Kafka;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Clients;

/// <summary>A group of cooperative-sticky members that lose each other, and the broker, without a word.</summary>
public sealed class CooperativeGroupTests
{
    private const string Topic = "owned";
    private const int Partitions = 4;

    [RequiresToolFact("kcat")]
    public async Task Kill_MemberThenBroker_OnlyWhatMustMoveMovesAndAllIsOwnedByOneAgain()
    {
        await using var kafka = await KafkaBroker.StartDevKafkaAsync();
        await kafka.CreateTopicsAsync([new() { Name = Topic, NumPartitions = Partitions, ReplicationFactor = 1 }]);
        using var first = new OwnedPartitions(kafka.BootstrapServers);
        await Eventually.HoldsAsync(() => first.Poll().Count == Partitions);
        await using (var victim = ChildProcess.Start("kcat", [
            "-b", kafka.BootstrapServers, "-G", Topic, "-X", "partition.assignment.strategy=cooperative-sticky",
            "-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=500", Topic]))
        {
            await Eventually.HoldsAsync(() => first.Poll().Count == 2 && victim.Output.Contains("incremental assignment of 2", StringComparison.Ordinal));
            Assert.Equal(2, first.Revoked.Count);
            victim.Signal(9);
            await Eventually.HoldsAsync(() => first.Poll().Count == Partitions);
        }

        Assert.Equal(Partitions + 2, first.Assigned.Count); // what it kept was never taken away
        Assert.Equal(2, first.Revoked.Count);

        using var second = new OwnedPartitions(kafka.BootstrapServers);
        await Eventually.HoldsAsync(() => first.Poll().Count == 2 & second.Poll().Count == 2);
        Assert.Equal(4, first.Revoked.Count);
        await kafka.KillAsync();
        await kafka.RestartAsync();
        await Eventually.HoldsAsync(() => first.Poll().Count == 2 & second.Poll().Count == 2 && first.Lost.Count == 2 && second.Lost.Count == 2);

        Assert.Equal(Partitions, first.Poll().Union(second.Poll()).Count());
    }

    /// <summary>A member and what it was told about partitions.</summary>
    private sealed class OwnedPartitions : IDisposable
    {
        private readonly IConsumer<Null, string> _consumer;

        public OwnedPartitions(string servers)
        {
            _consumer = new ConsumerBuilder<Null, string>(new ConsumerConfig
            {
                BootstrapServers = servers,
                GroupId = Topic,
                PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
                SessionTimeoutMs = 6000,
                HeartbeatIntervalMs = 500,
                EnableAutoCommit = false,
                ReconnectBackoffMs = 20,
                ReconnectBackoffMaxMs = 100,
            })
                .SetPartitionsAssignedHandler((_, partitions) => Assigned.AddRange(partitions))
                .SetPartitionsRevokedHandler((_, partitions) => Revoked.AddRange(partitions.Select(p => p.TopicPartition)))
                .SetPartitionsLostHandler((_, partitions) => Lost.AddRange(partitions.Select(p => p.TopicPartition)))
                .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
            _consumer.Subscribe(Topic);
        }

        public List<TopicPartition> Assigned { get; } = [];
        public List<TopicPartition> Revoked { get; } = [];
        public List<TopicPartition> Lost { get; } = [];

        /// <summary>What it owns once pending callbacks have run.</summary>
        public List<TopicPartition> Poll()
        {
            _consumer.Consume(TimeSpan.FromMilliseconds(20));
            return _consumer.Assignment;
        }

        public void Dispose() => _consumer.Dispose();
    }
}
