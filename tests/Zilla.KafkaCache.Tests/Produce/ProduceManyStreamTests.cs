using Google.Protobuf;
using Zilla.KafkaCache.Conversion;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.V1;
using Zilla.Testing;
using Acks = Zilla.Streams.V1.KafkaProduce.Types.Acks;
using Bound = Zilla.Streams.V1.KafkaFetch.Types.Bound;

namespace Zilla.KafkaCache.Tests.Produce;

public sealed class ProduceManyStreamTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private readonly KafkaBroker _broker = kafka.Broker;

    [Theory]
    [InlineData(Acks.InSyncReplicas)]
    [InlineData(Acks.LeaderOnly)]
    public async Task Many_AreWrittenInOrder_AndAnsweredWithFewFlushes(Acks acks)
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic, acks);

        for (var i = 0; i < 1000; i++)
        {
            await writer.WriteAsync($"k{i}", $"v{i}");
        }

        await writer.EndAsync();

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"0/{i}"), writer.Results);
        Assert.InRange(writer.Flushes, 1, 500);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"0/{i}:k{i}=v{i}"), (await replica.Fetch(topic).ToEndAsync()).Records);
    }

    [Fact]
    public async Task ManyOverSeveralPartitions_ResultsAreThoseOfTheRecords()
    {
        var topic = await _broker.CreateTopicAsync(5);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic);

        for (var i = 0; i < 300; i++)
        {
            await writer.WriteAsync($"k{i}", $"{i}");
        }

        await writer.EndAsync();

        var read = await replica.Fetch(topic).ToEndAsync();
        Assert.Equal(
            Enumerable.Range(0, 300).Select(i => $"{writer.Results[i]}:k{i}={i}").Order(),
            read.Records.Order());
        Assert.All(Enumerable.Range(0, 300), i => Assert.StartsWith($"{Murmur2.Partition($"k{i}", 5)}/", writer.Results[i], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Record_AcksNone_IsAnsweredWithoutAPlace_AndStillWritten()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic, Acks.None);
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live });

        await writer.WriteAsync("a", "1");
        await writer.WriteAsync("b", "2");
        await writer.EndAsync();

        Assert.Equal(["-1/-1", "-1/-1"], writer.Results);
        await reader.UntilAsync(r => r.Records.Count == 2);
        Assert.Equal(["0/0:a=1", "0/1:b=2"], reader.Records);
    }

    [Fact]
    public async Task Record_IsAnsweredWhileTheStreamStaysOpen()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic);

        for (var i = 0; i < 5; i++)
        {
            await writer.WriteAsync("a", $"{i}");
            await writer.UntilAsync(w => w.Results.Count == i + 1);
        }

        Assert.Equal("0/4", writer.Results[^1]);
    }

    [Fact]
    public async Task Record_KeepsHeadersInOrderNullsAndTombstone()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic);

        await writer.WriteAsync(null, "", ("b", "1"), ("a", null), ("b", ""), ("a", "2"));
        await writer.WriteAsync("", null);
        await writer.EndAsync();

        var read = await replica.Fetch(topic).ToEndAsync();
        Assert.Equal(["0/0:-=", "0/1:=-"], read.Records);
        Assert.Equal(["b=1", "a=null", "b=", "a=2"], read.Heads[0].Headers.Select(h => $"{h.Name}={(h.HasValue ? h.Value.ToStringUtf8() : "null")}"));
        Assert.Empty(read.Heads[1].Headers);
    }

    [Fact]
    public async Task Records_AlikeToTheOneBefore_OrNotQuite_KeepTheirOwnKeysAndHeaders()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic);
        (string, string?)[][] all =
        [
            [("a", "1"), ("b", "2")],
            [("a", "1"), ("b", "2")],
            [("a", "1"), ("b", "3")],
            [("a", null), ("b", "3")],
            [("a", ""), ("b", "3")],
            [("b", "3")],
            [],
            [("a", "1"), ("b", "2"), ("c", "3")],
            [("a", "1"), ("b", "2"), .. Enumerable.Range(0, 20).Select(i => ("c", (string?)$"{i}"))],
            [("a", "1"), ("b", "2"), .. Enumerable.Range(0, 20).Select(i => ("c", (string?)$"{i / 19}"))],
        ];
        foreach (var (headers, index) in all.Select((headers, index) => (headers, index)))
        {
            await writer.WriteAsync(index is 3 or 4 ? "other" : "key", $"{index}", headers);
        }

        await writer.EndAsync();

        var read = await replica.Fetch(topic).ToEndAsync();
        Assert.Equal(all.Select((_, index) => $"0/{index}:{(index is 3 or 4 ? "other" : "key")}={index}"), read.Records);
        Assert.Equal(all, read.Heads.Select(head => head.Headers.Select(h => (h.Name, h.HasValue ? h.Value.ToStringUtf8() : null)).ToArray()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PartitionKey_ChoosesThePartition_AndIsNotWritten(bool many)
    {
        var topic = await _broker.CreateTopicAsync(10);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        foreach (var identity in new[] { "client-1", "client-2", "" })
        {
            var head = ProduceWriter.Head("the same key");
            head.PartitionKey = ByteString.CopyFromUtf8(identity);
            Assert.Equal(Murmur2.Partition(identity, 10), await PartitionAsync(replica, topic, head, many));
        }

        Assert.All((await replica.Fetch(topic).ToEndAsync()).Heads, h => Assert.False(h.HasPartitionKey));
    }

    [Fact]
    public async Task RecordTooLarge_FailsAlone_WholeOrInPieces()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, new() { MaxRecordBytes = 1000 });
        await using var writer = Many(replica, topic);

        await writer.WriteAsync("a", "1");
        await writer.WriteAsync("b", new string('x', 1001));
        await writer.WriteAsync(ProduceWriter.Head("c"), new string('x', 900), DataFlags.Init);
        await writer.WriteAsync(new(), new string('x', 900), DataFlags.None);
        await writer.WriteAsync(new(), new string('x', 900), DataFlags.Fin);
        await writer.WriteAsync("d", "2");
        await writer.EndAsync();

        Assert.Equal(["0/0", "InvalidRecord", "InvalidRecord", "0/1"], writer.Results);
        Assert.Equal(["0/0:a=1", "0/1:d=2"], (await replica.Fetch(topic).ToEndAsync()).Records);
    }

    [Fact]
    public async Task RecordCutShort_FailsAlone()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic);

        await writer.WriteAsync(ProduceWriter.Head("a"), "begun", DataFlags.Init);
        await writer.WriteAsync(new(), "", DataFlags.Fin | DataFlags.Incomplete);
        await writer.WriteAsync("b", "2");
        await writer.EndAsync();

        Assert.Equal(["InvalidRecord", "0/0"], writer.Results);
    }

    [Fact]
    public async Task RecordTooLargeForTheTopic_FailsAlone_InKafkasWords()
    {
        var topic = await _broker.CreateTopicAsync(configuration: new() { ["max.message.bytes"] = "2000" });
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic);

        await writer.WriteAsync("a", "1");
        await writer.UntilAsync(w => w.Results.Count == 1); // a batch is refused whole
        await writer.WriteAsync("b", new string('x', 5000));
        await writer.UntilAsync(w => w.Results.Count == 2);
        await writer.WriteAsync("c", "2");
        await writer.EndAsync();

        Assert.Equal(["0/0", "InvalidRecord", "0/1"], writer.Results);
        Assert.Contains("too large", writer.Failures[0].Failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task RecordRefusedByItsModel_FailsAlone()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, conversion: new NoBadOnes());
        await using var writer = Many(replica, topic);

        await writer.WriteAsync("a", "bad");
        await writer.WriteAsync("a", "bad");
        await writer.WriteAsync("b", "good");
        await writer.EndAsync();

        Assert.Equal(["InvalidRecord", "InvalidRecord", "0/0"], writer.Results);
        Assert.Equal("it is bad", writer.Failures[0].Failure.Message);
        Assert.Single(replica.Log.Lines, line => line.Contains("it is bad", StringComparison.Ordinal));
    }

    [Fact]
    public async Task NoRecord_IsNoError()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var ended = await Many(replica, topic).EndAsync();

        Assert.Empty(ended.Results);
        Assert.Null(ended.Stopped);
    }

    [Fact]
    public async Task ExtensionIsNotSound_BreaksTheStream()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic);

        await writer.Stream.WriteDataAsync("x"u8.ToArray(), DataFlags.Whole, ExtensionKind.Kafka, new byte[] { 0xFF });

        Assert.Equal(Cause.ProtocolError, (await Assert.ThrowsAsync<StreamBrokenException>(writer.ToEndAsync)).Cause);
    }

    [Fact]
    public async Task NoBroker_IsRefused()
    {
        await using var replica = await CacheReplica.StartAsync($"127.0.0.1:{FreePort.Next()}");

        var refused = await Assert.ThrowsAsync<StreamBrokenException>(Many(replica, "items").ToEndAsync);

        Assert.Equal((Cause.Unavailable, true), (refused.Cause, refused.IsRefusal));
    }

    [Fact]
    public async Task ReplicaStops_AnswersForWhatItHasTaken_AndSaysWhy()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var writer = Many(replica, topic);
        await writer.WriteAsync("a", "1");
        await writer.UntilAsync(w => w.Results.Count == 1);
        await writer.WriteAsync("b", "2");

        var stopping = replica.Clusters.StopAsync();
        await writer.ToEndAsync();
        await stopping;

        Assert.Equal(Cause.ShuttingDown, (Cause)writer.Stopped!.Cause);
        await using var other = await CacheReplica.StartAsync(_broker.BootstrapServers);
        Assert.Equal(writer.Results.Count, (await other.Fetch(topic).ToEndAsync()).Records.Count);
    }

    [Fact]
    public async Task BrokerGoesAndComesBack_StreamStops_AndRecordsThatWereTakenAreWritten()
    {
        await using var broker = await KafkaBroker.StartDevKafkaAsync();
        var topic = await broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(broker.BootstrapServers, new() { MetadataRefresh = TimeSpan.FromMilliseconds(500), ProduceTimeout = TimeSpan.FromSeconds(60) });
        await using var writer = Many(replica, topic);
        await writer.WriteAsync("k", "0");
        await writer.UntilAsync(w => w.Results.Count == 1);

        await broker.KillAsync();
        var sent = 1;
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await writer.WriteAsync("k", $"{sent}");
                sent++;
                return !replica.Cluster.State.Up;
            }
            catch (StreamBrokenException)
            {
                return true;
            }
        });
        await broker.RestartAsync();
        await writer.ToEndAsync();

        Assert.Equal(Cause.Unavailable, (Cause)writer.Stopped!.Cause);
        Assert.InRange(writer.Results.Count, 1, sent);
        await Eventually.HoldsAsync(() => replica.Cluster.State.Up);
        Assert.Equal(Enumerable.Range(0, writer.Results.Count).Select(i => $"0/{i}:k={i}"), (await replica.Fetch(topic).ToEndAsync()).Records);
    }

    private static ManyWriter Many(CacheReplica replica, string topic, Acks acks = Acks.InSyncReplicas) =>
        new(replica.Open(begin => (begin.Topic, begin.Produce) = (topic, new() { Acks = acks, Many = true })));

    private static async Task<int> PartitionAsync(CacheReplica replica, string topic, KafkaDataEx head, bool many)
    {
        if (!many)
        {
            await using var one = replica.Produce(topic);
            await one.WriteAsync(head, "1");
            return (await one.EndAsync()).Partitions[0].Partition;
        }

        await using var writer = Many(replica, topic);
        await writer.WriteAsync(head, "1");
        await writer.EndAsync();
        return int.Parse(writer.Results[0].Split('/')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class NoBadOnes : IRecordConversion
    {
        public bool TryFill(string topic, ref ReadOnlySpan<byte> value) => true;

        public bool TryProduce(string topic, ref byte[] value, out string reason)
        {
            reason = "it is bad";
            return !value.AsSpan().SequenceEqual("bad"u8);
        }
    }
}
