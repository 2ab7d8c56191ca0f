using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Fetch;

/// <summary>Topics as others write them: compressed, and with many partitions.</summary>
public sealed class CompressedTopicTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private const int Count = 50;

    private readonly KafkaBroker _broker = kafka.Broker;

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    [InlineData(CompressionType.Lz4)]
    [InlineData(CompressionType.Zstd)]
    public async Task End_CompressedTopic_GivesWhatWasWritten(CompressionType codec)
    {
        var topic = await _broker.CreateTopicAsync();
        var settings = new ProducerConfig { BootstrapServers = _broker.BootstrapServers, CompressionType = codec, LingerMs = 50 };
        if (codec == CompressionType.Zstd && !ZstdIsBuilt)
        {
            // The client library says so itself; that it says nothing else is worth knowing too.
            Assert.Contains("zstd", Assert.ThrowsAny<Exception>(() => new ProducerBuilder<string, string>(settings).Build()).Message, StringComparison.Ordinal);
            return;
        }

        using (var producer = new ProducerBuilder<string, string>(settings).Build())
        {
            // Alike, so that a batch is smaller compressed and is sent so.
            await Task.WhenAll(Enumerable.Range(0, Count).Select(index => producer.ProduceAsync(topic, new Message<string, string>
            {
                Key = $"k{index}",
                Value = Value(index),
                Headers = [new Header("kind", Encoding.UTF8.GetBytes(index % 2 == 0 ? "even" : "odd"))],
            })));
        }

        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        Assert.Equal(Enumerable.Range(0, Count).Select(index => $"0/{index}:k{index}={Value(index)}"), (await replica.Fetch(topic).ToEndAsync()).Records);
        Assert.Equal(Count / 2, (await replica.Fetch(topic, new() { Filters = { CacheReplica.Header("kind", "odd") } }).ToEndAsync()).Records.Count);
        Assert.Equal([$"0/7:k7={Value(7)}"], (await replica.Fetch(topic, new() { Filters = { CacheReplica.Key("k7") } }).ToEndAsync()).Records);
    }

    [Fact]
    public async Task Resume_SixtyFourPartitions_GivesEachPartitionsNewRecords()
    {
        const int Partitions = 64;
        var topic = await _broker.CreateTopicAsync(Partitions);
        await _broker.ProduceAsync(topic, [.. Enumerable.Range(0, Partitions).Select(partition => (partition, (string?)"a", (string?)"old"))]);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var seen = (await replica.Fetch(topic).ToEndAsync()).End!;
        Assert.Equal(1, seen[Partitions - 1]);

        await _broker.ProduceAsync(topic, [.. Enumerable.Range(0, Partitions).Where(partition => partition % 2 == 1).Select(partition => (partition, (string?)"a", (string?)"new"))]);
        await using var reader = replica.Fetch(topic, new() { From = ByteString.CopyFrom(seen.Encode()), Bound = Streams.V1.KafkaFetch.Types.Bound.Live });
        await reader.UntilAsync(r => r.Records.Count == Partitions / 2);

        Assert.Equal(Enumerable.Range(0, Partitions).Where(partition => partition % 2 == 1).Select(partition => $"{partition}/1:a=new"), reader.Records.OrderBy(record => int.Parse(record.Split('/')[0])));
    }

    private static bool ZstdIsBuilt => File.Exists("/usr/include/zstd.h") || File.Exists("/usr/local/include/zstd.h");

    private static string Value(int index) => $"{new string('v', 500)}{index}";
}
