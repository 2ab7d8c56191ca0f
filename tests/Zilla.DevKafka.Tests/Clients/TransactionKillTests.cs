using System.Collections.Concurrent;
using System.Globalization;
using Confluent.Kafka;
using Zilla.KafkaCache.Tests;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Clients;

/// <summary>kill -9 of the real process while transactions are under way.</summary>
public sealed class TransactionKillTests
{
    private const int Partitions = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Kill_DuringTransactions_ReadersSeeEachCommittedOneWholeAndOnceAndNoOther()
    {
        await using var kafka = await KafkaBroker.StartDevKafkaAsync("--default-topic-config", "segment.bytes=20000");
        await CreateAsync(kafka, "tx", Partitions);
        using var producer = Producer(kafka, "tx");
        var committed = new ConcurrentQueue<int>();
        using var stop = new CancellationTokenSource();
        using var failed = new CancellationTokenSource();
        var producing = Task.Run(() =>
        {
            for (var id = 0; !stop.IsCancellationRequested; id++)
            {
                if (TryTransaction(producer, id, failed.Token))
                {
                    committed.Enqueue(id);
                }
            }
        });
        await UnderWayAsync(producing, failed, async () =>
        {
            for (var round = 0; round < 5; round++)
            {
                var target = committed.Count + 40;
                await Eventually.HoldsAsync(() => committed.Count >= target || producing.IsCompleted, Limit);
                await kafka.KillAsync();
                await kafka.RestartAsync();
                Assert.DoesNotContain("damaged", kafka.Output, StringComparison.Ordinal);
            }

            await stop.CancelAsync();
            await producing;
        });

        var read = Read(kafka, "tx", Partitions);
        Assert.All(Enumerable.Range(0, Partitions), p => Assert.Equal(committed.Select(id => $"{id}"), read.Where(r => r.Partition.Value == p).Select(r => r.Message.Value)));
    }

    [Fact]
    public async Task Kill_DuringConsumeTransformProduce_EachInputIsInTheOutputOnce()
    {
        const int Inputs = 600;
        await using var kafka = await KafkaBroker.StartDevKafkaAsync();
        await CreateAsync(kafka, "in", 2);
        await CreateAsync(kafka, "out", Partitions);
        using (var source = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers }).Build())
        {
            for (var i = 0; i < Inputs; i++)
            {
                source.Produce(new TopicPartition("in", i % 2), new Message<Null, string> { Value = $"{i}" });
            }

            Assert.Equal(0, source.Flush(Limit));
        }

        using var producer = Producer(kafka, "transform");
        var done = 0;
        using var failed = new CancellationTokenSource();
        var transforming = Task.Run(() =>
        {
            while (Volatile.Read(ref done) < Inputs)
            {
                Transform(kafka, producer, ref done, Inputs, failed.Token);
            }
        });
        await UnderWayAsync(transforming, failed, async () =>
        {
            foreach (var at in new[] { 100, 250, 400 })
            {
                await Eventually.HoldsAsync(() => Volatile.Read(ref done) >= at || transforming.IsCompleted, Limit);
                await kafka.KillAsync();
                await kafka.RestartAsync();
            }

            await transforming.WaitAsync(Limit);
        });

        var output = Read(kafka, "out", Partitions).Select(r => int.Parse(r.Message.Value, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(0, Inputs), output.Order());
    }

    /// <summary>
    /// Does something while transactions are written. If it fails, they end before their producer does: the client library ends the whole process when it is told to commit with a
    /// producer that is gone.
    /// </summary>
    private static async Task UnderWayAsync(Task writing, CancellationTokenSource failed, Func<Task> action)
    {
        try
        {
            await action();
        }
        catch
        {
            await failed.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>One member's life: from the group's offsets on until a transaction fails. What failed is aborted, and the next member reads it again.</summary>
    private static void Transform(KafkaBroker kafka, IProducer<Null, string> producer, ref int done, int inputs, CancellationToken failed)
    {
        using var consumer = Consumer(kafka, "transformers");
        consumer.Subscribe("in");
        while (done < inputs)
        {
            failed.ThrowIfCancellationRequested();
            if (Consume(consumer) is not { } first)
            {
                continue;
            }

            producer.BeginTransaction();
            try
            {
                var count = 0;
                var next = new Dictionary<TopicPartition, Offset>();
                for (var record = first; record is not null; record = count < 10 ? Consume(consumer) : null)
                {
                    producer.Produce(new TopicPartition("out", count % Partitions), new Message<Null, string> { Value = record.Message.Value });
                    next[record.TopicPartition] = record.Offset + 1;
                    count++;
                }

                producer.SendOffsetsToTransaction(next.Select(n => new TopicPartitionOffset(n.Key, n.Value)), consumer.ConsumerGroupMetadata, Limit);
                Retry(() => producer.CommitTransaction(Limit), failed);
                Interlocked.Add(ref done, count);
            }
            catch (KafkaException e) when (!e.Error.IsFatal)
            {
                Retry(() => producer.AbortTransaction(Limit), failed);
                return;
            }
        }

        consumer.Close();
    }

    /// <summary>Every seventh is aborted on purpose. True: it was committed; false: it was not.</summary>
    private static bool TryTransaction(IProducer<Null, string> producer, int id, CancellationToken failed)
    {
        failed.ThrowIfCancellationRequested();
        producer.BeginTransaction();
        try
        {
            for (var p = 0; p < Partitions; p++)
            {
                producer.Produce(new TopicPartition("tx", p), new Message<Null, string> { Value = $"{id}" });
            }

            if (id % 7 == 6)
            {
                producer.Flush(Limit);
                Retry(() => producer.AbortTransaction(Limit), failed);
                return false;
            }

            Retry(() => producer.CommitTransaction(Limit), failed);
            return true;
        }
        catch (KafkaTxnRequiresAbortException)
        {
            Retry(() => producer.AbortTransaction(Limit), failed);
            return false;
        }
    }

    private static void Retry(Action action, CancellationToken failed)
    {
        while (true)
        {
            failed.ThrowIfCancellationRequested();
            try
            {
                action();
                return;
            }
            catch (KafkaRetriableException)
            {
                // As the documentation has it: the same call again.
            }
        }
    }

    private static ConsumeResult<Null, string>? Consume(IConsumer<Null, string> consumer)
    {
        try
        {
            return consumer.Consume(TimeSpan.FromMilliseconds(100));
        }
        catch (ConsumeException)
        {
            return null; // the broker is away
        }
    }

    private static List<ConsumeResult<Null, string>> Read(KafkaBroker kafka, string topic, int partitions)
    {
        using var consumer = Consumer(kafka, "reader");
        return consumer.ReadToEnd(topic, partitions);
    }

    private static Task CreateAsync(KafkaBroker kafka, string topic, int partitions) => kafka.CreateTopicsAsync([new() { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);

    private static IProducer<Null, string> Producer(KafkaBroker kafka, string transactionalId)
    {
        var producer = new ProducerBuilder<Null, string>(new ProducerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            TransactionalId = transactionalId,
            LingerMs = 1,
            ReconnectBackoffMs = 20,
            ReconnectBackoffMaxMs = 100,
        }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(Limit);
        return producer;
    }

    private static IConsumer<Null, string> Consumer(KafkaBroker kafka, string group) => new ConsumerBuilder<Null, string>(new ConsumerConfig
    {
        BootstrapServers = kafka.BootstrapServers,
        GroupId = group,
        IsolationLevel = IsolationLevel.ReadCommitted,
        EnablePartitionEof = group == "reader",
        EnableAutoCommit = false,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        SessionTimeoutMs = 6000,
        HeartbeatIntervalMs = 500,
        ReconnectBackoffMs = 20,
        ReconnectBackoffMaxMs = 100,
    }).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
}
