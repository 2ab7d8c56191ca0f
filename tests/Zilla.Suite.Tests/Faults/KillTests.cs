using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Zilla.Suite.Tests.Running;
using Zilla.Testing;

namespace Zilla.Suite.Tests.Faults;

/// <summary>Every process is killed under load, one after the other, and started again: two edges on one port, two cache replicas, Control, the broker.</summary>
public sealed class KillTests
{
    private const int Step = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    [Fact]
    public async Task Kill_AnyProcessUnderLoad_NothingAcknowledgedIsLostAndEventsResume()
    {
        var folder = Directory.CreateTempSubdirectory("zilla-faults-");
        await using var broker = await KafkaBroker.StartDevKafkaAsync();
        var topic = await CreateTopicAsync(broker);
        int port = FreePort.Next(), plans = FreePort.Next();
        int[] lanes = [FreePort.Next(), FreePort.Next()];
        (string, string)[] places =
            [("services__control__grpc__0", $"http://127.0.0.1:{plans}"), .. lanes.Select((lane, index) => ($"services__kafka-cache__grpc__{index}", $"http://127.0.0.1:{lane}"))];
        await using var control = ServiceProcess.Start("Zilla.Control", "control-0", folder.FullName, FreePort.Next(), plans,
            ("Zilla__Config", QuickstartCopy.Write(folder.FullName, port, topic)), ("KAFKA_BOOTSTRAP_SERVER", broker.BootstrapServers));
        await using var cache0 = ServiceProcess.Start("Zilla.KafkaCache", "kafka-cache-0", folder.FullName, FreePort.Next(), lanes[0], places);
        await using var cache1 = ServiceProcess.Start("Zilla.KafkaCache", "kafka-cache-1", folder.FullName, FreePort.Next(), lanes[1], places);
        await using var edge0 = ServiceProcess.Start("Zilla.EdgeHttp", "edge-http-0", folder.FullName, FreePort.Next(), 0, places);
        await using var edge1 = ServiceProcess.Start("Zilla.EdgeHttp", "edge-http-1", folder.FullName, FreePort.Next(), 0, places);

        // An edge cannot tell a client that waits for a response from one that has gone: such a client gives up by itself.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(15) };
        using var stopWriting = new CancellationTokenSource();
        using var stopReading = new CancellationTokenSource();
        Writer[] writers = [.. Enumerable.Range(0, 3).Select(index => new Writer(client, $"w{index}"))];
        EventReader[] readers = [.. Enumerable.Range(0, 4).Select(_ => new EventReader(client, "/events"))];
        Task[] writing = [.. writers.Select(writer => writer.RunAsync(stopWriting.Token))];
        Task[] reading = [.. readers.Select(reader => reader.RunAsync(stopReading.Token))];
        try
        {
            await GoesOnAsync("the start");
            foreach (var (name, victim) in new[] { ("an edge", edge0), ("the other edge", edge1), ("a cache", cache0), ("the other cache", cache1), ("Control", control) })
            {
                await victim.KillAsync();
                await GoesOnAsync($"{name} was killed"); // the other one has taken over
                await victim.RestartAsync(); // and is ready, so that it can take over from the other one
                await GoesOnAsync($"{name} came back");
            }

            await broker.KillAsync();
            await broker.RestartAsync();
            await GoesOnAsync("the broker came back");

            await stopWriting.CancelAsync();
            await Task.WhenAll(writing);
            var records = Records(broker, topic);
            Assert.Empty(writers.SelectMany(writer => writer.Acknowledged).Except(records));
            await Eventually.HoldsAsync(() => Array.TrueForAll(readers, reader => reader.Events.Count >= records.Count), Patience);

            // One partition, so its order is theirs; a record that was written twice, as its first answer was lost, is there twice.
            Assert.All(readers, reader => Assert.Equal(records, reader.Events));
            Assert.Contains(readers, reader => reader.Openings > 1);
        }
        finally
        {
            await stopWriting.CancelAsync();
            await stopReading.CancelAsync();
            await Task.WhenAll([.. writing, .. reading]);
            folder.Delete(recursive: true);
        }

        // Every writer is answered and every reader gets something new.
        async Task GoesOnAsync(string after)
        {
            int[] written = [.. writers.Select(writer => writer.Acknowledged.Count)];
            int[] read = [.. readers.Select(reader => reader.Events.Count)];
            await Eventually.HoldsAsync(
                () => writers.Index().All(w => w.Item.Acknowledged.Count >= written[w.Index] + Step) && readers.Index().All(r => r.Item.Events.Count >= read[r.Index] + Step),
                Patience, $"it goes on after {after}");
        }
    }

    private static async Task<string> CreateTopicAsync(KafkaBroker broker)
    {
        var topic = KafkaBroker.Topic("faults");
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 1, ReplicationFactor = 1 }]);
        return topic;
    }

    private static List<string> Records(KafkaBroker broker, string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "test", EnablePartitionEof = true }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var records = new List<string>();
        while (consumer.Consume(Patience) is { IsPartitionEOF: false } record)
        {
            records.Add(record.Message.Value);
        }

        return records;
    }
}
