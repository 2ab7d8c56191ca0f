using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Zilla.Config.Plans;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Work;

/// <summary>Work streams of a replica, on a broker.</summary>
public sealed class WorkStreamTests(KafkaBrokerFixture kafka) : IClassFixture<KafkaBrokerFixture>
{
    private readonly KafkaBroker _broker = kafka.Broker;

    [Fact]
    public async Task Calls_AreGivenToAnEdge_AndCommittedWhenItIsDone()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(Plan(topic, deadLetter: null));
        await ProduceAsync(topic, ("a", "one"), ("b", "two"), ("other", "x"), ("a", null), ("b", null));
        await using var edge = Connect(replica, topic);
        string[] given = [await edge.NextAsync(), await edge.NextAsync(), await edge.NextAsync(), await edge.NextAsync(), await edge.NextAsync()];

        // The calls begin in the order of the topic; what of one is there already comes at once.
        Assert.Equal(["a one", "b two", "other x"], given.Where(record => record.Contains(' ', StringComparison.Ordinal)));
        Assert.Equal(["a one", "a"], given.Where(record => record[0] == 'a'));
        Assert.Equal(["b two", "b"], given.Where(record => record[0] == 'b'));

        await edge.DoneAsync("a");
        await CommittedAsync(topic, 1);
        await edge.DoneAsync("b");
        await CommittedAsync(topic, 2);
    }

    [Fact]
    public async Task EdgeIsLost_AnotherBeginsAnew_AndANewOwnerFromWhatIsCommitted()
    {
        var topic = await _broker.CreateTopicAsync();
        await ProduceAsync(topic, ("a", "one"), ("b", "two"), ("a", null));
        await using (var replica = await CacheReplica.StartAsync(Plan(topic, deadLetter: null)))
        {
            await using (var lost = Connect(replica, topic))
            {
                Assert.Equal("a one", await lost.NextAsync());
            }

            await using var edge = Connect(replica, topic);

            // It may be there before the other is found gone, and be given what was not begun yet first.
            List<string> given = [];
            while (!given.Contains("a"))
            {
                given.Add(await edge.NextAsync());
            }

            Assert.Equal(["a one", "a"], given.Where(record => record[0] == 'a'));
            await edge.DoneAsync("a");
            await CommittedAsync(topic, 1);
        }

        await ProduceAsync(topic, ("b", "three"), ("b", null));
        await using var next = await CacheReplica.StartAsync(Plan(topic, deadLetter: null));
        await using var last = Connect(next, topic);
        Assert.Equal(["b two", "b three", "b"], [await last.NextAsync(), await last.NextAsync(), await last.NextAsync()]);
        await last.DoneAsync("b");
        await CommittedAsync(topic, 5);
    }

    [Fact]
    public async Task Poison_GoesToTheDeadLetterTopic_BeforeItIsCommitted()
    {
        var topic = await _broker.CreateTopicAsync();
        var dead = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(Plan(topic, dead));
        await ProduceAsync(topic, ("a", "one"), ("a", null), ("", "without an id"));
        await using var edge = Connect(replica, topic);
        Assert.Equal(["a one", "a"], [await edge.NextAsync(), await edge.NextAsync()]);
        await edge.DoneAsync("a", "bad");
        await CommittedAsync(topic, 3);
        var letters = _broker.ReadCommitted(dead).Select(letter => $"{(letter.Message.Value is { } value ? Encoding.UTF8.GetString(value) : "null")} {Header(letter, "reason")} {Header(letter, "offset")}").Order();
        Assert.Equal(["null bad 1", "one bad 0", "without an id The record of a call has no header zilla:correlation-id 2"], letters);

        static string Header(ConsumeResult<byte[], byte[]?> letter, string name) => Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes($"zilla:dead-letter-{name}"));
    }

    [Fact]
    public async Task Refused_IsAnotherEdgesToMake()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(Plan(topic, deadLetter: null));
        await ProduceAsync(topic, ("a", "one"), ("a", null));
        await using var old = Connect(replica, topic);
        Assert.Equal(["a one", "a"], [await old.NextAsync(), await old.NextAsync()]);
        await old.RefuseAsync("a");
        await using var other = Connect(replica, topic);
        Assert.Equal(["a one", "a"], [await other.NextAsync(), await other.NextAsync()]);
        await other.DoneAsync("a");
        await CommittedAsync(topic, 2);
    }

    [Fact]
    public async Task RefusedByAll_ComesBackGivenUp_AndIsADeadLetter()
    {
        var topic = await _broker.CreateTopicAsync();
        var dead = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(Plan(topic, dead), new() { MetadataRefresh = TimeSpan.FromMilliseconds(500), WorkUnrouted = TimeSpan.FromMilliseconds(10) });
        await ProduceAsync(topic, ("a", null));
        await using var edge = Connect(replica, topic);
        Assert.Equal("a", await edge.NextAsync());
        await edge.RefuseAsync("a");
        Assert.Equal("a, status 12", await edge.NextAsync());
        await edge.DoneAsync("a", "unknown");
        await CommittedAsync(topic, 1);
        Assert.Equal("unknown", Encoding.UTF8.GetString(Assert.Single(_broker.ReadCommitted(dead)).Message.Headers.GetLastBytes("zilla:dead-letter-reason")));
        Assert.Contains(replica.Log.Lines, line => line.Contains("no edge that is there has a route for a call", StringComparison.Ordinal) && line.Contains("my words", StringComparison.Ordinal));
    }

    /// <summary>Also where records follow that are no call's, of which the reader hears nothing: they are not what it waits for.</summary>
    [Fact]
    public async Task EndDoesNotCome_IsGivenUp()
    {
        var topic = await _broker.CreateTopicAsync();
        await using var replica = await CacheReplica.StartAsync(Plan(topic, deadLetter: null), new() { MetadataRefresh = TimeSpan.FromMilliseconds(200), WorkIdle = TimeSpan.FromSeconds(1) });
        await ProduceAsync(topic, ("a", "one"));
        await using var edge = Connect(replica, topic);
        Assert.Equal("a one", await edge.NextAsync());
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers }).Build())
        {
            await producer.ProduceAsync(new TopicPartition(topic, 0), new() { Key = "a", Value = "no call's" });
        }

        Assert.Equal("given up, status 4", await edge.NextAsync());
    }

    private static WorkEdge Connect(CacheReplica replica, string topic) => new(replica.OpenWork(new() { Cluster = CacheReplica.ClusterName, Group = Group(topic), Calls = 4 }));

    private static string Group(string topic) => $"zilla:test-{topic}";

    private ClusterPlan Plan(string topic, string? deadLetter) => new()
    {
        Name = CacheReplica.ClusterName,
        Servers = [_broker.BootstrapServers],
        Work = [new() { Group = Group(topic), Conditions = [new() { Topic = topic, ReplyTo = "replies", Method = "p.Service/*" }], Correlation = new(), DeadLetter = deadLetter }],
    };

    private async Task ProduceAsync(string topic, params (string Id, string? Value)[] records)
    {
        using var producer = new ProducerBuilder<string, byte[]?>(new ProducerConfig { BootstrapServers = _broker.BootstrapServers }).Build();
        foreach (var (id, value) in records)
        {
            var headers = new Headers { { "zilla:service", "p.Service"u8.ToArray() }, { "zilla:method", "M"u8.ToArray() }, { "zilla:reply-to", "replies"u8.ToArray() } };
            if (id.Length > 0)
            {
                headers.Add("zilla:correlation-id", Encoding.UTF8.GetBytes(id));
            }

            await producer.ProduceAsync(new TopicPartition(topic, 0), new() { Key = id, Value = value is null ? null : Encoding.UTF8.GetBytes(value), Headers = headers });
        }
    }

    private async Task CommittedAsync(string topic, long offset)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = Group(topic) }).Build();
        var found = 0L;
        await Eventually.HoldsAsync(() => (found = consumer.Committed([new(topic, 0)], TimeSpan.FromSeconds(10)).Single().Offset.Value) == offset, TimeSpan.FromSeconds(60), $"{offset} committed");
        Assert.Equal(offset, found);
    }

    /// <summary>An edge's end of a work stream; calls are known by their correlation id here.</summary>
    private sealed class WorkEdge(FrameStream stream) : IAsyncDisposable
    {
        private readonly RecordAssembler _assembler = new(1 << 20);
        private readonly Dictionary<string, ulong> _numbers = [];

        /// <summary>ID VALUE of the next record; ID of an end, with a status where the call is given up as it begins; or that one is given up later.</summary>
        public async Task<string> NextAsync()
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (true)
            {
                var frame = await stream.ReadAsync(deadline.Token);
                if (frame.Kind == FrameKind.Data)
                {
                    var message = WorkDataEx.Parser.ParseFrom(frame.Extension.Span);
                    if (message.Record is null)
                    {
                        return $"given up, status {message.GivenUp.Status}";
                    }

                    Assert.True(_assembler.TryAdd(frame with { ExtensionKind = ExtensionKind.Kafka, Extension = message.Record.Record.Memory }, out var record));
                    Assert.True(record.TryGetHeader("zilla:correlation-id"u8, out var header));
                    var id = Encoding.UTF8.GetString(header.Value.Span);
                    Assert.Equal(message.Record.Begins, _numbers.TryAdd(id, message.Call));
                    return record.IsTombstone ? id + (message.Record.GivenUp is { } answer ? $", status {answer.Status}" : "") : $"{id} {Encoding.UTF8.GetString(record.Value.Span)}";
                }
            }
        }

        public async Task DoneAsync(string id, string poison = "") =>
            await stream.WriteDataAsync(default, DataFlags.Whole, ExtensionKind.Work, new WorkDataEx { Call = _numbers[id], Done = new() { Poison = poison } }.ToByteArray());

        public async Task RefuseAsync(string id)
        {
            Assert.True(_numbers.Remove(id, out var number));
            await stream.WriteDataAsync(default, DataFlags.Whole, ExtensionKind.Work, new WorkDataEx { Call = number, Refused = new() { Reason = "my words" } }.ToByteArray());
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
