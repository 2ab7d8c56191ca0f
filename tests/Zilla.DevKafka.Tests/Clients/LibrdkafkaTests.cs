using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
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
        var topic = KafkaBroker.Topic("rd");
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 2, ReplicationFactor = 1 }]);
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
