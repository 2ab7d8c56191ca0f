using System.Collections.Concurrent;
using System.Globalization;
using Confluent.Kafka;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Clients;

/// <summary>kill -9 of the real process while a producer with acks=all is at work.</summary>
public sealed class CrashTests
{
    private const string Topic = "crash";
    private const int Partitions = 3;

    [Fact]
    public async Task Kill_DuringProduce_NothingAcknowledgedIsMissingAndNothingIsTwice()
    {
        await using var kafka = await KafkaBroker.StartDevKafkaAsync("--default-topic-config", "segment.bytes=200000");
        await kafka.CreateTopicsAsync([new() { Name = Topic, NumPartitions = Partitions, ReplicationFactor = 1 }]);
        var acknowledged = new ConcurrentDictionary<int, TopicPartitionOffset>();
        using var producer = new ProducerBuilder<int, string>(new ProducerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            Acks = Acks.All,
            EnableIdempotence = true,
            LingerMs = 1,
            ReconnectBackoffMs = 20,
            ReconnectBackoffMaxMs = 100,
            MessageTimeoutMs = 30_000,
        }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        var sent = 0;
        for (var round = 0; round < 4; round++)
        {
            var target = acknowledged.Count + 2000;
            using var stop = new CancellationTokenSource();
            var producing = Task.Run(() => Produce(producer, acknowledged, ref sent, stop.Token), CancellationToken.None);
            await Eventually.HoldsAsync(() => acknowledged.Count >= target);
            await kafka.KillAsync();
            var atKill = acknowledged.Count;
            await stop.CancelAsync();
            await producing;
            await kafka.RestartAsync();
            Assert.DoesNotContain("damaged", kafka.Output, StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => acknowledged.Count >= Math.Min(sent, atKill + 1)); // the same producer goes on
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(30)));
        await kafka.KillAsync();
        await kafka.RestartAsync();

        var read = ReadAll(kafka.BootstrapServers);
        Assert.Equal(sent, acknowledged.Count);
        Assert.All(acknowledged, a => Assert.Equal(a.Key, read[a.Value]));
        Assert.Equal(read.Values.Distinct().Count(), read.Count);
        Assert.Equal(sent, read.Count);
    }

    [Fact]
    public async Task Kill_WhileAGroupReads_MemberJoinsAgainAndGoesOnFromItsOffsets()
    {
        await using var kafka = await KafkaBroker.StartDevKafkaAsync();
        using var producer = new ProducerBuilder<int, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, ReconnectBackoffMaxMs = 100 }).SetLogHandler((_, _) => { }).Build();
        using var consumer = new ConsumerBuilder<int, string>(new ConsumerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            GroupId = "survivor",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            SessionTimeoutMs = 6000,
            HeartbeatIntervalMs = 200,
            ReconnectBackoffMaxMs = 100,
        }).SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(Topic);
        for (var round = 0; round < 3; round++)
        {
            await producer.ProduceAsync(Topic, new Message<int, string> { Key = round, Value = "v" });
            var expected = round;
            await Eventually.HoldsAsync(() =>
            {
                // What could not be committed (not back in the group yet) comes again; nothing older does, and nothing is left out.
                if (!TryConsume(consumer, out var result))
                {
                    return false;
                }

                Assert.Equal(expected, result!.Message.Key);
                return TryCommit(consumer, result);
            });
            await kafka.KillAsync();
            await kafka.RestartAsync();
        }

        consumer.Close();
    }

    private static bool TryConsume(IConsumer<int, string> consumer, out ConsumeResult<int, string>? result)
    {
        try
        {
            result = consumer.Consume(TimeSpan.FromMilliseconds(100));
        }
        catch (ConsumeException)
        {
            result = null; // the broker is away, or the topic not there yet
        }

        return result is not null;
    }

    private static bool TryCommit(IConsumer<int, string> consumer, ConsumeResult<int, string> result)
    {
        try
        {
            consumer.Commit(result);
            return true;
        }
        catch (KafkaException)
        {
            return false; // not back in the group yet
        }
    }

    private static void Produce(IProducer<int, string> producer, ConcurrentDictionary<int, TopicPartitionOffset> acknowledged, ref int sent, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (sent - acknowledged.Count > 5000)
            {
                Thread.Yield();
                continue;
            }

            var id = sent;
            producer.Produce(Topic, new Message<int, string> { Key = id, Value = id.ToString(CultureInfo.InvariantCulture) }, report =>
            {
                if (report.Error.Code == ErrorCode.NoError)
                {
                    acknowledged[id] = report.TopicPartitionOffset;
                }
            });
            sent++;
        }
    }

    private static Dictionary<TopicPartitionOffset, int> ReadAll(string servers)
    {
        using var consumer = new ConsumerBuilder<int, string>(new ConsumerConfig
        {
            BootstrapServers = servers,
            GroupId = "reader",
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        }).Build();
        return consumer.ReadToEnd(Topic, Partitions).ToDictionary(record => new TopicPartitionOffset(record.TopicPartition, record.Offset), record => record.Message.Key);
    }
}
