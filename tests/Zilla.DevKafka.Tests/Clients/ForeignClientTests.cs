using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Clients;

/// <summary>Clients that are not librdkafka's .NET binding, unmodified: kcat, kafkajs, python-kafka.</summary>
public sealed class ForeignClientTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    [RequiresToolTheory("kcat")]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    public async Task Kcat_ProduceThenConsume_SameLines(string codec)
    {
        var topic = KafkaBroker.Topic("kcat");
        var lines = string.Join('\n', Enumerable.Range(0, 500).Select(i => $"k{i}:value of {i}"));
        await ChildProcess.RunAsync("kcat", ["-P", "-b", kafka.BootstrapServers, "-t", topic, "-K:", "-z", codec, "-X", "acks=all"], input: lines + "\n");

        var read = await ChildProcess.RunAsync("kcat", ["-C", "-b", kafka.BootstrapServers, "-t", topic, "-K:", "-e", "-q", "-o", "beginning"]);

        Assert.Equal(lines, read);
    }

    [RequiresToolFact("kcat")]
    public async Task Kcat_Metadata_NamesBrokerAndTopic()
    {
        var topic = KafkaBroker.Topic("kcat");
        await ChildProcess.RunAsync("kcat", ["-P", "-b", kafka.BootstrapServers, "-t", topic], input: "x\n");

        using var metadata = JsonDocument.Parse(await ChildProcess.RunAsync("kcat", ["-L", "-J", "-b", kafka.BootstrapServers, "-t", topic]));

        Assert.Equal(topic, metadata.RootElement.GetProperty("topics")[0].GetProperty("topic").GetString());
        Assert.NotEqual(0, metadata.RootElement.GetProperty("topics")[0].GetProperty("partitions").GetArrayLength());
    }

    [RequiresToolFact("kcat")]
    public async Task Kcat_ConsumerGroup_ReadsAll()
    {
        var topic = KafkaBroker.Topic("kcat");
        await ChildProcess.RunAsync("kcat", ["-P", "-b", kafka.BootstrapServers, "-t", topic], input: "one\ntwo\n");

        var read = await ChildProcess.RunAsync("kcat", ["-b", kafka.BootstrapServers, "-G", topic, "-c", "2", "-q", "-X", "auto.offset.reset=earliest", topic]);

        Assert.Equal("one\ntwo", read);
    }

    [RequiresToolFact("node", "npm")]
    public async Task Kafkajs_AdminProduceConsumeInAGroupOfTwo_Works()
    {
        var output = await NodeClients.RunAsync("kafkajs.mjs", kafka.BootstrapServers, KafkaBroker.Topic("js"), "200");

        using var result = JsonDocument.Parse(output.Split('\n').Last(l => l.StartsWith('{')));
        Assert.Equal("654321", result.RootElement.GetProperty("retention").GetString());
        Assert.Equal(200, result.RootElement.GetProperty("seen").GetInt32());
        Assert.Equal(2, result.RootElement.GetProperty("members").GetInt32());
        Assert.Equal("Stable", result.RootElement.GetProperty("state").GetString());
        Assert.Equal(200, result.RootElement.GetProperty("committed").GetInt32());
        Assert.True(result.RootElement.GetProperty("listed").GetBoolean());
    }

    [RequiresToolFact("node", "npm")]
    public async Task Kafkajs_Transactions_CommittedOnlyOffsetsIncludedAndZombieFenced()
    {
        var output = await NodeClients.RunAsync("kafkajs-transactions.mjs", kafka.BootstrapServers, KafkaBroker.Topic("jstx"));

        using var result = JsonDocument.Parse(output.Split('\n').Last(l => l.StartsWith('{')));
        string[] committed = ["0", "0", "2", "2", "4", "4"];
        Assert.Equal(committed, result.RootElement.GetProperty("seen").EnumerateArray().Select(v => v.GetString()));
        Assert.Equal(committed, result.RootElement.GetProperty("read").EnumerateArray().Select(v => v.GetString()));
        Assert.Equal(0, result.RootElement.GetProperty("afterAbort").GetInt32());
        Assert.Equal(18, result.RootElement.GetProperty("afterCommit").GetInt32()); // twice 9: four records and markers, and the record of the last
        Assert.Contains("EPOCH", result.RootElement.GetProperty("fenced").GetString(), StringComparison.Ordinal);
    }

    [RequiresToolFact("kcat")]
    public async Task Kcat_ReadCommitted_CommittedLinesOnly()
    {
        var topic = KafkaBroker.Topic("kcat");
        await ChildProcess.RunAsync("kcat", ["-P", "-b", kafka.BootstrapServers, "-t", topic, "-p", "0", "-X", $"transactional.id={topic}"], input: "one\ntwo\n");
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, TransactionalId = topic }).Build())
        {
            producer.InitTransactions(TimeSpan.FromSeconds(30));
            producer.BeginTransaction();
            await producer.ProduceAsync(new TopicPartition(topic, 0), new Message<Null, string> { Value = "aborted" });
            producer.AbortTransaction(TimeSpan.FromSeconds(30));
        }

        await ChildProcess.RunAsync("kcat", ["-P", "-b", kafka.BootstrapServers, "-t", topic, "-p", "0"], input: "three\n");

        Assert.Equal("one\ntwo\nthree", await ReadAsync("read_committed"));
        Assert.Equal("one\ntwo\naborted\nthree", await ReadAsync("read_uncommitted"));

        Task<string> ReadAsync(string level) =>
            ChildProcess.RunAsync("kcat", ["-C", "-b", kafka.BootstrapServers, "-t", topic, "-p", "0", "-e", "-q", "-o", "beginning", "-X", $"isolation.level={level}"]);
    }

    [RequiresToolFact("/usr/lib/python3/dist-packages/kafka/__init__.py")]
    public async Task PythonKafka_ProduceThenConsumeInAGroup_SameMessages()
    {
        var output = await ChildProcess.RunAsync("/usr/bin/python3", [Path.Combine(Repository.Root, "tests", "clients", "python_kafka.py"), kafka.BootstrapServers, KafkaBroker.Topic("py")]);

        var expected = Enumerable.Range(0, 20).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i} k{i % 10} v{i % 10} h"));
        Assert.Equal([.. expected, "committed 20", "end 20"], output.Split('\n'));
    }
}
