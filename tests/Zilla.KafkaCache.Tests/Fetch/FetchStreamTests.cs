using Google.Protobuf;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;
using Bound = Zilla.Streams.V1.KafkaFetch.Types.Bound;
using Start = Zilla.Streams.V1.KafkaFetch.Types.Start;

namespace Zilla.KafkaCache.Tests.Fetch;

public sealed class FetchStreamTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private readonly KafkaBroker _broker = kafka.Broker;

    [Fact]
    public async Task End_TopicWithTwoPartitions_GivesAllRecordsAndNextOffsets()
    {
        var topic = await _broker.CreateTopicAsync(2);
        await _broker.ProduceAsync(topic, (0, "a", "1"), (1, "b", "2"), (0, "c", "3"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var read = await replica.Fetch(topic).ToEndAsync();

        Assert.Equal(["0/0:a=1", "0/1:c=3", "1/0:b=2"], read.Records.Order());
        Assert.Equal("AQQABAIC", read.End!.ToBase64Url()); // p0 next 2, p1 next 1: reference §4.1
        Assert.Equal(KafkaProgress.Create([new(0, 0), new(1, 0)]), read.Flushes[0]);
    }

    [Fact]
    public async Task End_EmptyTopic_EndsAtOnce()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var read = await replica.Fetch(topic).ToEndAsync();

        Assert.Empty(read.Records);
        Assert.Equal(KafkaProgress.Of(0, 0), read.End);
    }

    [Fact]
    public async Task End_FromProgress_GivesOnlyWhatIsNewer()
    {
        var topic = await _broker.CreateTopicAsync(2);
        await _broker.ProduceAsync(topic, (0, "a", "1"), (1, "b", "2"), (0, "c", "3"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var read = await replica.Fetch(topic, new() { From = Encode(KafkaProgress.Of(0, 1)) }).ToEndAsync();

        Assert.Equal(["0/1:c=3", "1/0:b=2"], read.Records.Order());
    }

    [Fact]
    public async Task End_CompactedTopic_GivesTheLatestPerKeyAndTombstones()
    {
        var topic = await _broker.CreateTopicAsync(configuration: new() { ["cleanup.policy"] = "compact" });
        await _broker.ProduceAsync(topic, (0, "a", "1"), (0, "b", "1"), (0, "a", "2"), (0, "b", null));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        Assert.Equal(["0/2:a=2", "0/3:b=-"], (await replica.Fetch(topic).ToEndAsync()).Records);
    }

    [Fact]
    public async Task End_Filters_GiveTheUnionOfTheirMatches()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await replica.Produce(topic).SendAsync("a", "1", ("kind", "x"));
        await replica.Produce(topic).SendAsync("b", "2", ("kind", "x"), ("kind", "y"));
        await replica.Produce(topic).SendAsync("c", "3", ("kind", "z"));
        var last = await replica.Produce(topic).SendAsync("d", "4");
        await replica.Fetch(topic, new() { Bound = Bound.Progress, Until = Encode(last) }).ToEndAsync();

        var read = await replica.Fetch(topic, new() { Filters = { CacheReplica.Key("c"), CacheReplica.Header("kind", "y") } }).ToEndAsync();

        Assert.Equal(["0/1:b=2", "0/2:c=3"], read.Records);
        Assert.Equal(KafkaProgress.Of(0, 4), read.End);
    }

    [Theory]
    [InlineData(Bound.End, 1, 2)]
    [InlineData(Bound.End, 3, 4)]
    [InlineData(Bound.End, 100, 4)]
    [InlineData(Bound.Live, 2, 3)]
    public async Task Limit_EndsWithTheRecordThatReachesIt(Bound bound, uint limit, long next)
    {
        var topic = await _broker.CreateTopicAsync();
        await _broker.ProduceAsync(topic, (0, "a", "1"), (0, "b", "2"), (0, "b", "3"), (0, "b", "4"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var read = await replica.Fetch(topic, new() { Bound = bound, Limit = limit, Filters = { CacheReplica.Key("b") } }).ToEndAsync();

        Assert.Equal(new[] { "0/1:b=2", "0/2:b=3", "0/3:b=4" }.Take((int)limit), read.Records);
        Assert.Equal(KafkaProgress.Of(0, next), read.End);
    }

    [Fact]
    public async Task Live_RecordsAfterHistory_ComeAfterTheFlushThatEndsHistory()
    {
        var topic = await _broker.CreateTopicAsync();
        await _broker.ProduceAsync(topic, (0, "a", "1"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live });
        await reader.UntilAsync(r => r.Flushes.Count == 2);
        Assert.Equal(["0/0:a=1"], reader.Records);
        Assert.Equal(KafkaProgress.Of(0, 1), reader.Flushes[1]);

        await _broker.ProduceAsync(topic, (0, "b", "2"));

        await reader.UntilAsync(r => r.Records.Count == 2);
        Assert.Equal("0/1:b=2", reader.Records[1]);
    }

    [Fact]
    public async Task Live_StartLive_GivesOnlyWhatComesAfterTheOpening()
    {
        var topic = await _broker.CreateTopicAsync();
        await _broker.ProduceAsync(topic, (0, "a", "1"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live, DefaultStart = Start.Live });
        await reader.UntilAsync(r => r.Flushes.Count == 1);
        Assert.Equal(KafkaProgress.Of(0, 1), reader.Flushes[0]);

        await _broker.ProduceAsync(topic, (0, "b", "2"));

        await reader.UntilAsync(r => r.Records.Count == 1);
        Assert.Equal(["0/1:b=2"], reader.Records);
    }

    [Fact]
    public async Task Live_WhileProducing_LosesAndRepeatsNothing()
    {
        var topic = await _broker.CreateTopicAsync(3);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var records = Enumerable.Range(0, 3000).Select(i => (i % 3, (string?)$"k{i}", (string?)$"v{i}")).ToArray();
        var producing = _broker.ProduceAsync(topic, records);
        var readers = Enumerable.Range(0, 3).Select(_ => replica.Fetch(topic, new() { Bound = Bound.Live }).UntilAsync(r => r.Records.Count == records.Length)).ToArray();

        await producing;

        foreach (var reader in await Task.WhenAll(readers))
        {
            Assert.Equal(records.Select(r => $"{r.Item2}={r.Item3}").Order(), reader.Records.Select(r => r.Split(':')[1]).Order());
            Assert.All(reader.Heads.GroupBy(h => h.Partition), g => Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), g.Select(h => h.Offset)));
            await reader.DisposeAsync();
        }
    }

    [Fact]
    public async Task HandOver_HistoryUntilTheLiveStreamsStart_MeetsItExactly()
    {
        var topic = await _broker.CreateTopicAsync(2);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var producing = _broker.ProduceAsync(topic, [.. Enumerable.Range(0, 1000).Select(i => (i % 2, (string?)$"k{i}", (string?)"v"))]);

        await using var live = replica.Fetch(topic, new() { Bound = Bound.Live, DefaultStart = Start.Live });
        await live.UntilAsync(r => r.Flushes.Count == 1);
        var history = await replica.Fetch(topic, new() { Bound = Bound.Progress, Until = Encode(live.Flushes[0]) }).ToEndAsync();
        await producing;
        await live.UntilAsync(r => r.Records.Count == 1000 - history.Records.Count);

        Assert.Equal(1000, history.Records.Concat(live.Records).Distinct().Count());
        Assert.Equal(live.Flushes[0], history.End);
    }

    [Fact]
    public async Task Progress_WrittenJustNow_IsWaitedFor()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await replica.Fetch(topic).ToEndAsync();
        for (var i = 0; i < 20; i++)
        {
            var written = await replica.Produce(topic).SendAsync("k", "v" + i);

            var read = await replica.Fetch(topic, new() { Bound = Bound.Progress, Until = Encode(written), Filters = { CacheReplica.Key("k") } }).ToEndAsync();

            Assert.Equal($"0/{i}:k=v{i}", read.Records[^1]);
        }
    }

    [Fact]
    public async Task Progress_CompactedTopicThatWentOn_StillHasEveryKeyBelow()
    {
        var topic = await _broker.CreateTopicAsync(configuration: new() { ["cleanup.policy"] = "compact" });
        await _broker.ProduceAsync(topic, (0, "a", "1"), (0, "b", "1"), (0, "b", "2"), (0, "a", "2"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var read = await replica.Fetch(topic, new() { Bound = Bound.Progress, Until = Encode(KafkaProgress.Of(0, 3)) }).ToEndAsync();

        Assert.Equal(["0/0:a=1", "0/2:b=2"], read.Records);
        Assert.Equal(KafkaProgress.Of(0, 3), read.End);
    }

    [Fact]
    public async Task Progress_PartitionNotNamed_IsNotSent()
    {
        var topic = await _broker.CreateTopicAsync(2);
        await _broker.ProduceAsync(topic, (0, "a", "1"), (1, "b", "2"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        Assert.Equal(["1/0:b=2"], (await replica.Fetch(topic, new() { Bound = Bound.Progress, Until = Encode(KafkaProgress.Of(1, 1)) }).ToEndAsync()).Records);
    }

    [Fact]
    public async Task Progress_NeverReached_TimesOut()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, new() { ProgressTimeout = TimeSpan.FromMilliseconds(200) });

        var broken = await replica.Fetch(topic, new() { Bound = Bound.Progress, Until = Encode(KafkaProgress.Of(0, 5)) }).BrokenAsync();

        Assert.Equal(Cause.Timeout, broken.Cause);
    }

    [Fact]
    public async Task Fetch_ValueLargerThanAFrame_ComesWhole()
    {
        var topic = await _broker.CreateTopicAsync();
        var large = string.Concat(Enumerable.Range(0, 60_000).Select(i => (i % 10_000).ToString("D4")));
        await _broker.ProduceAsync(topic, (0, "a", large), (0, "b", "small"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        Assert.Equal([large, "small"], (await replica.Fetch(topic).ToEndAsync()).Values);
    }

    [Fact]
    public async Task Fetch_UnknownTopic_IsRefusedAndNotCreated()
    {
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, new() { UnknownTopicTimeout = TimeSpan.FromMilliseconds(300) });
        var topic = KafkaBroker.Topic("missing");

        Assert.Equal(Cause.UnknownTopic, (await replica.Fetch(topic).BrokenAsync()).Cause);
        Assert.Equal(Cause.UnknownTopic, (await replica.Fetch(topic).BrokenAsync()).Cause);
    }

    [Fact]
    public async Task Fetch_BootstrapTopicThatIsMissing_IsFilledOnceItIsThere()
    {
        var topic = KafkaBroker.Topic("late");
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, bootstrap: [topic]);
        await Eventually.HoldsAsync(async () => await replica.HealthAsync() == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy);

        await replica.Produce(topic).SendAsync("a", "1");

        await Eventually.HoldsAsync(() => replica.Cluster.Topics.Topics.Single().Partitions.Sum(p => p.HeldRecords) == 1);
    }

    [Fact]
    public async Task Fetch_UnknownCluster_IsRefused()
    {
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var broken = await new FetchReader(replica.Open(begin => (begin.Cluster, begin.Topic, begin.Fetch) = ("north", "t", new()))).BrokenAsync();

        Assert.Equal(Cause.UnknownCluster, broken.Cause);
    }

    [Fact]
    public async Task Fetch_ProgressThatIsNone_IsAProtocolError()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        Assert.Equal(Cause.ProtocolError, (await replica.Fetch(topic, new() { From = ByteString.CopyFromUtf8("x") }).BrokenAsync()).Cause);
    }

    [Fact]
    public async Task Live_PartitionsAdded_AreReadFromTheirBeginning()
    {
        var topic = await _broker.CreateTopicAsync(1);
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live, DefaultStart = Start.Live });
        await reader.UntilAsync(r => r.Flushes.Count == 1);

        await _broker.GrowAsync(topic, 3);
        await _broker.ProduceAsync(topic, (2, "a", "1"), (0, "b", "2"));

        await reader.UntilAsync(r => r.Records.Count == 2);
        Assert.Equal(["0/0:b=2", "2/0:a=1"], reader.Records.Order());
    }

    [Fact]
    public async Task Live_SlowReader_StallsOnlyItself()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var value = new string('v', 10_000);
        await using var slow = replica.Fetch(topic, new() { Bound = Bound.Live });
        await slow.UntilAsync(r => r.Flushes.Count == 1);

        await _broker.ProduceAsync(topic, [.. Enumerable.Range(0, 500).Select(i => (0, (string?)$"k{i}", (string?)value))]);
        var quick = await replica.Fetch(topic, new() { Bound = Bound.Live }).UntilAsync(r => r.Records.Count == 500);

        Assert.Equal(499, quick.Heads[^1].Offset);
        await slow.UntilAsync(r => r.Records.Count == 500); // 5 MB through 256 KiB of credit
        Assert.Equal(499, slow.Heads[^1].Offset);
    }

    [Fact]
    public async Task Live_FilterThatMatchesNothing_StillTellsItsProgress()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live, Filters = { CacheReplica.Key("none") } });
        await reader.UntilAsync(r => r.Flushes.Count == 2);

        await _broker.ProduceAsync(topic, [.. Enumerable.Range(0, 6000).Select(i => (0, (string?)$"k{i}", (string?)"v"))]);

        await reader.UntilAsync(r => r.Progress[0] >= 4096);
        Assert.Empty(reader.Records);
    }

    [Fact]
    public async Task Fetch_TwoReplicas_ShareNothingAndAgree()
    {
        var topic = await _broker.CreateTopicAsync(2);
        await _broker.ProduceAsync(topic, (0, "a", "1"), (1, "b", "2"));
        var one = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var two = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var first = await one.Fetch(topic).ToEndAsync();
        await one.DisposeAsync();
        var second = await two.Fetch(topic, new() { Bound = Bound.Progress, Until = Encode(first.End!) }).ToEndAsync();

        Assert.Equal(first.Records.Order(), second.Records.Order());
        Assert.Equal(first.End, second.End);
    }

    [Fact]
    public async Task After_WrittenThroughAnotherReplica_IsShown()
    {
        var topic = await _broker.CreateTopicAsync(2, configuration: new() { ["cleanup.policy"] = "compact" });
        await using var one = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await using var two = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await one.Fetch(topic).ToEndAsync();
        await two.Fetch(topic).ToEndAsync();
        for (var i = 0; i < 25; i++)
        {
            var (writer, reader) = i % 2 == 0 ? (one, two) : (two, one);
            var written = await writer.Produce(topic).SendAsync("key", $"{i}");

            var read = await reader.Fetch(topic, new() { After = Encode(written), Limit = 1, Filters = { CacheReplica.Key("key") } }).ToEndAsync();

            Assert.Equal([$"{i}"], read.Values);
        }
    }

    [Fact]
    public async Task AfterAndUntil_NeverCome_TimeOutHoweverMuchElseComes()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, new() { ProgressTimeout = TimeSpan.FromMilliseconds(300) });
        foreach (var fetch in new KafkaFetch[]
        {
            new() { After = Encode(KafkaProgress.Of(0, 1_000_000)) },
            new() { After = Encode(KafkaProgress.Of(7, 1)) },
            new() { Bound = Bound.Progress, Until = Encode(KafkaProgress.Of(0, 1_000_000)) },
        })
        {
            var broken = replica.Fetch(topic, fetch).BrokenAsync();
            while (!broken.IsCompleted)
            {
                await _broker.ProduceAsync(topic, (0, "a", "1"));
            }

            Assert.Equal(Cause.Timeout, (await broken).Cause);
        }
    }

    [Fact]
    public async Task Fetch_RecordsThatKafkaDropped_AreNoLongerServed()
    {
        var topic = await _broker.CreateTopicAsync();
        await _broker.ProduceAsync(topic, (0, "a", "1"), (0, "b", "2"), (0, "c", "3"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        await replica.Fetch(topic).ToEndAsync();

        await _broker.DropBelowAsync(topic, 0, 2);

        await Eventually.HoldsAsync(async () => (await replica.Fetch(topic).ToEndAsync()).Records is ["0/2:c=3"]);
    }

    [Fact]
    public async Task Fetch_ProgressBeyondKafkasEnd_StartsOver()
    {
        var topic = await _broker.CreateTopicAsync();
        await _broker.ProduceAsync(topic, (0, "a", "1"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);

        var read = await replica.Fetch(topic, new() { From = Encode(KafkaProgress.Of(0, 100)) }).ToEndAsync();

        Assert.Equal(["0/0:a=1"], read.Records);
        Assert.Equal(KafkaProgress.Of(0, 1), read.End);
    }

    [Fact]
    public async Task Fetch_TopicDeleted_ReadersAreTold()
    {
        var topic = await _broker.CreateTopicAsync();
        await _broker.ProduceAsync(topic, (0, "a", "1"));
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers, new() { MetadataRefresh = TimeSpan.FromMilliseconds(200) });
        await using var reader = replica.Fetch(topic, new() { Bound = Bound.Live });
        await reader.UntilAsync(r => r.Records.Count == 1);

        await _broker.DeleteAsync(topic);

        Assert.Equal(Cause.UnknownTopic, (await reader.BrokenAsync()).Cause);
    }

    [Fact]
    public async Task Stop_OpenStreams_EndWithShuttingDown()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(_broker.BootstrapServers);
        var reader = replica.Fetch(topic, new() { Bound = Bound.Live });
        await reader.UntilAsync(r => r.Flushes.Count == 2);

        await replica.Clusters.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(Cause.ShuttingDown, (await reader.BrokenAsync()).Cause);
        Assert.Equal(Cause.ShuttingDown, (await replica.Fetch(topic).BrokenAsync()).Cause);
    }

    private static ByteString Encode(KafkaProgress progress) => ByteString.CopyFrom(progress.Encode());
}
