using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Clients;

public sealed class LibrdkafkaTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    public async Task Produce_Compressed_ConsumedAsSent(CompressionType compression)
    {
        var topic = await kafka.Broker.CreateTopicAsync(2);
        using (var producer = Producer(compression))
        {
            for (var i = 0; i < 100; i++)
            {
                producer.Produce(new TopicPartition(topic, i % 2), new Message<string, string>
                {
                    Key = $"k{i}",
                    Value = new string((char)('a' + (i % 26)), 200),
                    Headers = [new Header("h", Encoding.UTF8.GetBytes($"{i}"))],
                });
            }

            Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
        }

        var messages = Consume(topic, 100);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"k{i}").Order(), messages.Select(m => m.Message.Key).Order());
        Assert.All(messages, m => Assert.Equal(m.Message.Key[1..], Encoding.UTF8.GetString(m.Message.Headers.GetLastBytes("h"))));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), messages.Where(m => m.Partition.Value == 0).Select(m => m.Offset.Value));
    }

    [Fact]
    public async Task Group_SecondCooperativeMember_PartitionsMoveAndOffsetsGoOn()
    {
        var topic = await kafka.Broker.CreateTopicAsync(4);
        using var admin = kafka.Broker.Admin();
        using (var producer = Producer(CompressionType.None))
        {
            for (var i = 0; i < 40; i++)
            {
                producer.Produce(new TopicPartition(topic, i % 4), new Message<string, string> { Key = $"k{i}", Value = "v" });
            }

            producer.Flush(TimeSpan.FromSeconds(20));
        }

        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var first = Cooperative(topic);
        using var second = Cooperative(topic);
        first.Subscribe(topic);
        await Eventually.HoldsAsync(() => Poll(first, seen) && seen.Count == 40 && first.Assignment.Count == 4);
        second.Subscribe(topic);
        await Eventually.HoldsAsync(() => Poll(first, seen) && Poll(second, seen) && first.Assignment.Count == 2 && second.Assignment.Count == 2);
        first.Close();
        await Eventually.HoldsAsync(() => Poll(second, seen) && second.Assignment.Count == 4);

        Assert.Equal(40, seen.Count); // nothing was read twice: what moved went on from its committed offset
        var described = await admin.DescribeConsumerGroupsAsync([topic]);
        Assert.Equal(ConsumerGroupState.Stable, described.ConsumerGroupDescriptions[0].State);
        Assert.Single(described.ConsumerGroupDescriptions[0].Members);
        second.Close();
        Assert.Contains((await admin.ListConsumerGroupsAsync()).Valid, g => g.GroupId == topic);
        await admin.DeleteGroupsAsync([topic]);
        Assert.DoesNotContain((await admin.ListConsumerGroupsAsync()).Valid, g => g.GroupId == topic);
    }

    [Fact]
    public async Task Admin_TopicsPartitionsConfigsRecords_AsAsked()
    {
        var topic = KafkaBroker.Topic("admin");
        using var admin = kafka.Broker.Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1, Configs = new() { ["cleanup.policy"] = "compact,delete" } }]);
        var twice = await Assert.ThrowsAsync<CreateTopicsException>(() => admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }]));
        Assert.Equal(ErrorCode.TopicAlreadyExists, twice.Results[0].Error.Code);
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = 3 }]);
        Assert.Equal(3, admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count);

        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };
        await admin.IncrementalAlterConfigsAsync(new() { [resource] = [new ConfigEntry { Name = "retention.ms", Value = "1234", IncrementalOperation = AlterConfigOpType.Set }] });
        var entries = (await admin.DescribeConfigsAsync([resource]))[0].Entries;
        Assert.Equal(("1234", "compact,delete"), (entries["retention.ms"].Value, entries["cleanup.policy"].Value));
        await Assert.ThrowsAsync<IncrementalAlterConfigsException>(() => admin.IncrementalAlterConfigsAsync(
            new() { [resource] = [new ConfigEntry { Name = "retention.ms", Value = "soon", IncrementalOperation = AlterConfigOpType.Set }] }));

        using (var producer = Producer(CompressionType.Gzip))
        {
            for (var i = 0; i < 10; i++)
            {
                await producer.ProduceAsync(new TopicPartition(topic, 0), new Message<string, string> { Key = $"k{i}", Value = "v" });
            }
        }

        var deleted = await admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, 4)]);
        Assert.Equal(4, deleted[0].Offset.Value);
        Assert.Equal(Enumerable.Range(4, 6).Select(i => $"k{i}"), Consume(topic, 6).Select(m => m.Message.Key));
        await admin.DeleteTopicsAsync([topic]);
        Assert.DoesNotContain(admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics, t => t.Topic == topic);
    }

    [Fact]
    public async Task Produce_TopicThatDoesNotExist_IsCreated()
    {
        var topic = KafkaBroker.Topic("auto");
        using var producer = Producer(CompressionType.None);
        var result = await producer.ProduceAsync(topic, new Message<string, string> { Key = "k", Value = "v" });
        Assert.Equal(0, result.Offset.Value);
        Assert.Single(Consume(topic, 1));
    }

    private static bool Poll(IConsumer<string, string> consumer, System.Collections.Concurrent.ConcurrentBag<string> seen)
    {
        if (consumer.Consume(TimeSpan.FromMilliseconds(20)) is { } result)
        {
            seen.Add(result.Message.Key);
        }

        return true;
    }

    private IConsumer<string, string> Cooperative(string topic) => new ConsumerBuilder<string, string>(new ConsumerConfig
    {
        BootstrapServers = kafka.BootstrapServers,
        GroupId = topic,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        SessionTimeoutMs = 6000,
        HeartbeatIntervalMs = 200,
    }).Build();

    private IProducer<string, string> Producer(CompressionType compression) => new ProducerBuilder<string, string>(new ProducerConfig
    {
        BootstrapServers = kafka.BootstrapServers,
        CompressionType = compression,
        EnableIdempotence = true,
        LingerMs = 20,
    }).Build();

    private List<ConsumeResult<string, string>> Consume(string topic, int count)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            GroupId = topic,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        consumer.Subscribe(topic);
        var messages = new List<ConsumeResult<string, string>>();
        while (messages.Count < count)
        {
            messages.Add(consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new TimeoutException($"{messages.Count} of {count} messages came"));
        }

        consumer.Close();
        return messages;
    }
}
