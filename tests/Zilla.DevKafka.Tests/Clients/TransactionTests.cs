using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Clients;

/// <summary>librdkafka's transactional producer and read_committed consumer, against the real process.</summary>
public sealed class TransactionTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Committed_AndAborted_OverTwoPartitions_OnlyTheCommittedAreRead()
    {
        var topic = await kafka.Broker.CreateTopicAsync(2);
        using var producer = Producer(topic);
        for (var round = 0; round < 6; round++)
        {
            producer.BeginTransaction();
            for (var i = 0; i < 10; i++)
            {
                producer.Produce(new TopicPartition(topic, i % 2), new Message<string, string> { Key = $"{round}", Value = $"{i}" });
            }

            if (round % 2 == 0)
            {
                producer.CommitTransaction(Limit);
            }
            else
            {
                producer.AbortTransaction(Limit);
            }
        }

        var committed = ReadAll(topic, 2, IsolationLevel.ReadCommitted);
        var all = ReadAll(topic, 2, IsolationLevel.ReadUncommitted);

        Assert.Equal([.. Enumerable.Repeat("0", 10), .. Enumerable.Repeat("2", 10), .. Enumerable.Repeat("4", 10)], committed.Select(r => r.Message.Key).Order());
        Assert.InRange(all.Count, 30, 60); // an abort purges what librdkafka has not sent yet
    }

    [Fact]
    public async Task Open_Transaction_HoldsBackWhatFollowsIt()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1);
        using var slow = Producer(topic + "-slow");
        using var quick = Producer(topic + "-quick");
        using var reader = Reader(IsolationLevel.ReadCommitted);
        reader.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        slow.BeginTransaction();
        await slow.ProduceAsync(topic, new Message<string, string> { Key = "slow", Value = "" });
        quick.BeginTransaction();
        await quick.ProduceAsync(topic, new Message<string, string> { Key = "quick", Value = "" });
        quick.CommitTransaction(Limit);

        Assert.True(reader.Consume(Limit).IsPartitionEOF);
        Assert.Equal(0, (await EndAsync(topic, IsolationLevel.ReadCommitted)).Value);
        Assert.Equal(3, (await EndAsync(topic, IsolationLevel.ReadUncommitted)).Value); // with the marker
        slow.CommitTransaction(Limit);

        Assert.Equal(["slow", "quick"], Consume(reader, 2));
        Assert.Equal(4, (await EndAsync(topic, IsolationLevel.ReadCommitted)).Value);
    }

    [Fact]
    public async Task Zombie_AfterItsSuccessorCame_IsFencedAndWhatItLeftOpenIsAborted()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1);
        using var zombie = Producer(topic);
        zombie.BeginTransaction();
        await zombie.ProduceAsync(topic, new Message<string, string> { Key = "zombie", Value = "" });

        using var successor = Producer(topic);
        successor.BeginTransaction();
        await successor.ProduceAsync(topic, new Message<string, string> { Key = "successor", Value = "" });
        successor.CommitTransaction(Limit);
        var refusal = Assert.ThrowsAny<KafkaException>(() => zombie.CommitTransaction(Limit));

        Assert.True(refusal.Error.IsFatal, refusal.Error.ToString());
        Assert.Equal(ErrorCode.Local_Fenced, refusal.Error.Code);
        Assert.Equal(["successor"], ReadAll(topic, 1, IsolationLevel.ReadCommitted).Select(r => r.Message.Key));
    }

    [Fact]
    public async Task Open_LongerThanItsTimeout_AbortedByTheBrokerAndItsProducerFenced()
    {
        var topic = await kafka.Broker.CreateTopicAsync(1);
        using var slow = Producer(topic, timeoutMs: 1000);
        slow.BeginTransaction();
        await slow.ProduceAsync(topic, new Message<string, string> { Key = "slow", Value = "" });

        await Eventually.HoldsAsync(async () => (await EndAsync(topic, IsolationLevel.ReadCommitted)).Value == 2);
        var refusal = Assert.ThrowsAny<KafkaException>(() => slow.CommitTransaction(Limit));

        Assert.Equal(ErrorCode.Local_Fenced, refusal.Error.Code);
        using var successor = Producer(topic);
        successor.BeginTransaction();
        await successor.ProduceAsync(topic, new Message<string, string> { Key = "successor", Value = "" });
        successor.CommitTransaction(Limit);
        Assert.Equal(["successor"], ReadAll(topic, 1, IsolationLevel.ReadCommitted).Select(r => r.Message.Key));
    }

    private static List<string> Consume(IConsumer<string, string> reader, int count)
    {
        var keys = new List<string>();
        while (keys.Count < count)
        {
            var result = reader.Consume(Limit) ?? throw new TimeoutException($"only {string.Join(' ', keys)}");
            if (!result.IsPartitionEOF)
            {
                keys.Add(result.Message.Key);
            }
        }

        return keys;
    }

    private List<ConsumeResult<string, string>> ReadAll(string topic, int partitions, IsolationLevel isolation)
    {
        using var reader = Reader(isolation);
        return reader.ReadToEnd(topic, partitions);
    }

    private async Task<Offset> EndAsync(string topic, IsolationLevel isolation)
    {
        using var admin = kafka.Broker.Admin();
        var offsets = await admin.ListOffsetsAsync(
            [new TopicPartitionOffsetSpec { TopicPartition = new(topic, 0), OffsetSpec = OffsetSpec.Latest() }], new ListOffsetsOptions { IsolationLevel = isolation });
        return offsets.ResultInfos[0].TopicPartitionOffsetError.Offset;
    }

    private IProducer<string, string> Producer(string transactionalId, int timeoutMs = 60_000)
    {
        var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, TransactionalId = transactionalId, TransactionTimeoutMs = timeoutMs, LingerMs = 0 })
            .SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(Limit);
        return producer;
    }

    private IConsumer<string, string> Reader(IsolationLevel isolation) => new ConsumerBuilder<string, string>(new ConsumerConfig
    {
        BootstrapServers = kafka.BootstrapServers,
        GroupId = Guid.NewGuid().ToString(),
        IsolationLevel = isolation,
        EnablePartitionEof = true,
        EnableAutoCommit = false,
        AutoOffsetReset = AutoOffsetReset.Earliest,
    }).Build();
}
