using System.Collections.Concurrent;
using Google.Protobuf;
using Zilla.Edge.Cache;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Tests.Fakes;

/// <summary>A cache replica that keeps to kafka.proto, over topics in memory, joined to the edge by real lanes in this process.</summary>
internal sealed class FakeCache : IStreamAcceptor, ICacheReplica, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, FakeTopic> _topics;
    private InProcessLanes _lanes;

    public FakeCache(string name = "replica-0", ConcurrentDictionary<string, FakeTopic>? topics = null)
    {
        (Name, _topics) = (name, topics ?? new());
        _lanes = InProcessLanes.Connect(this);
    }

    public string Name { get; }
    public bool IsConnected { get; set; } = true;
    public string? Instance => Name;

    /// <summary>Serves streams of MQTT sessions; null: they are refused as what nobody here owns.</summary>
    public Func<FrameStream, CancellationToken, Task>? Sessions { get; set; }

    /// <summary>Serves work streams; null: they are refused likewise.</summary>
    public Func<FrameStream, CancellationToken, Task>? Work { get; set; }

    /// <summary>What every stream opened so far asked for.</summary>
    public ConcurrentQueue<Begin> Opened { get; } = new();

    /// <summary>When set, streams are refused with it.</summary>
    public StreamBrokenException? Refusal { get; set; }

    /// <summary>How many records of each partition this replica does not have yet.</summary>
    public int Lag { get; set; }

    /// <summary>A start behind the end of the topic is taken for one in a topic of the same name that is no more.</summary>
    public bool StartsAnewBehindTheEnd { get; set; }

    /// <summary>Called before each record of a fetch and before one is produced; where a test may hold the stream up.</summary>
    public Func<Task> BeforeWrite { get; set; } = () => Task.CompletedTask;

    /// <summary>Called before a stream is answered.</summary>
    public Func<Task> BeforeAnswer { get; set; } = () => Task.CompletedTask;

    public FakeProduceMany Many { get; } = new();

    public int OpenStreams => _lanes.OpenStreams;
    public FakeTopic Topic(string name, int partitions = 1) => _topics.GetOrAdd(name, _ => new FakeTopic(partitions));

    public FrameStream Open(Begin begin) => _lanes.Open(begin);

    /// <summary>The process dies and is back at once: all its streams are lost.</summary>
    public async Task CutAsync()
    {
        var lost = _lanes;
        _lanes = InProcessLanes.Connect(this);
        lost.Cut();
        await lost.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _lanes.DisposeAsync();

    public async Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken)
    {
        Opened.Enqueue(stream.Opening.Clone());
        var kafka = stream.Opening.Kafka;
        await BeforeAnswer().WaitAsync(cancellationToken);
        await (Refusal is not null ? throw Refusal
            : kafka is null ? (stream.Opening.Work is null ? Sessions : Work)?.Invoke(stream, cancellationToken) ?? throw new StreamBrokenException(Cause.NotOwner, $"{Name} owns nothing.")
            : !_topics.TryGetValue(kafka.Topic, out var topic) ? throw new StreamBrokenException(Cause.UnknownTopic, $"There is no topic {kafka.Topic}.")
            : kafka.Produce is { Many: true } ? Many.ServeAsync(stream, topic, cancellationToken)
            : kafka.Produce is not null ? ProduceAsync(stream, topic, cancellationToken)
            : FetchAsync(stream, topic, kafka.Fetch, cancellationToken));
    }

    private async Task ProduceAsync(FrameStream stream, FakeTopic topic, CancellationToken cancellationToken)
    {
        stream.Accept();
        var value = new MemoryStream();
        ReadOnlyMemory<byte> extension = default;
        var written = KafkaProgress.Empty;
        while (await stream.ReadAsync(cancellationToken) is var frame && frame.Kind != FrameKind.End)
        {
            if (frame.Kind != FrameKind.Data)
            {
                continue;
            }

            extension = (frame.Flags & DataFlags.Init) != 0 ? frame.Extension : extension;
            value.Write(frame.Payload.Span);
            if ((frame.Flags & DataFlags.Fin) != 0)
            {
                Assert.True(KafkaRecordCodec.TryRead(extension, value.ToArray(), out var record));
                var headers = new List<RecordHeader>();
                foreach (var header in record.Headers)
                {
                    headers.Add(header);
                }

                await BeforeWrite();
                Assert.Equal((-1, -1), (record.Partition, record.Offset));
                var partition = record.HasKey ? record.Key.Span.Length % topic.Partitions : 0;
                var next = topic.Append(partition, record.HasKey ? record.Key.ToArray() : null, record.IsTombstone ? null : record.Value.ToArray(), [.. headers]);
                written = KafkaProgress.Of(partition, next);
            }
        }

        stream.End(ExtensionKind.Kafka, new KafkaEndEx { Progress = ByteString.CopyFrom(written.Encode()) }.ToByteArray());
    }

    private async Task FetchAsync(FrameStream stream, FakeTopic topic, KafkaFetch fetch, CancellationToken cancellationToken)
    {
        var from = fetch.From.IsEmpty ? KafkaProgress.Empty : Decode(fetch.From);
        var until = fetch.Until.IsEmpty ? KafkaProgress.Empty : Decode(fetch.Until);
        var after = fetch.After.IsEmpty ? KafkaProgress.Empty : Decode(fetch.After);
        if (fetch.Current)
        {
            after = KafkaProgress.Create([.. Enumerable.Range(0, topic.Partitions).Select(p => new PartitionOffset(p, topic.End(p)))]);
        }

        for (var changed = topic.Changed; Enumerable.Range(0, topic.Partitions).Any(p => VisibleEnd(topic, p) < after[p]); changed = topic.Changed)
        {
            await changed.WaitAsync(cancellationToken);
        }

        var next = new ProgressVector();
        var bounds = new long[topic.Partitions];
        for (var p = 0; p < topic.Partitions; p++)
        {
            next.Set(p, from[p] ?? (fetch.DefaultStart == KafkaFetch.Types.Start.Live ? VisibleEnd(topic, p) : 0));
            if (StartsAnewBehindTheEnd && next[p] > topic.End(p))
            {
                next.Set(p, 0);
            }

            bounds[p] = fetch.Bound switch
            {
                KafkaFetch.Types.Bound.End => VisibleEnd(topic, p),
                KafkaFetch.Types.Bound.Progress => until[p] ?? 0,
                _ => long.MaxValue,
            };
        }

        stream.Accept();
        await stream.WriteFlushAsync(ExtensionKind.Kafka, Flush(next), cancellationToken);
        var atStart = Enumerable.Range(0, topic.Partitions).Select(p => VisibleEnd(topic, p)).ToArray();
        var sent = 0;
        while (true)
        {
            var changed = topic.Changed;
            for (var p = 0; p < topic.Partitions; p++)
            {
                for (; next[p] < Math.Min(bounds[p], VisibleEnd(topic, p)) && (fetch.Limit == 0 || sent < fetch.Limit); next.Set(p, next[p]!.Value + 1))
                {
                    var record = topic.At(p, next[p]!.Value)!;
                    if (Passes(fetch, record) && !(topic.Compacted && record.Offset < atStart[p] && IsSuperseded(topic, record, atStart[p])))
                    {
                        await BeforeWrite();
                        await WriteAsync(stream, record, cancellationToken);
                        sent++;
                    }
                }
            }

            if ((fetch.Limit > 0 && sent == fetch.Limit) || Enumerable.Range(0, topic.Partitions).All(p => next[p] >= bounds[p]))
            {
                stream.End(ExtensionKind.Kafka, new KafkaEndEx { Progress = ByteString.CopyFrom(next.ToProgress().Encode()) }.ToByteArray());
                return;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stream.Broken);
            await changed.WaitAsync(either.Token);
        }
    }

    private static async Task WriteAsync(FrameStream stream, FakeRecord record, CancellationToken cancellationToken)
    {
        // A value of more than a piece goes out in several frames, as the contract has it for large ones.
        const int Piece = 1000;
        var rest = (ReadOnlyMemory<byte>)(record.Value ?? []);
        var flags = DataFlags.Init;
        do
        {
            var piece = rest[..Math.Min(rest.Length, Piece)];
            rest = rest[piece.Length..];
            flags |= rest.IsEmpty ? DataFlags.Fin : DataFlags.None;
            var first = (flags & DataFlags.Init) != 0;
            await stream.WriteDataAsync(piece, flags, first ? ExtensionKind.Kafka : ExtensionKind.None, first ? record.Encode() : default, cancellationToken);
            flags = DataFlags.None;
        }
        while (!rest.IsEmpty);
    }

    private static bool Passes(KafkaFetch fetch, FakeRecord record) => fetch.Filters.Count == 0 || fetch.Filters.Any(f =>
        (!f.HasKey || (record.Key is not null && f.Key.Span.SequenceEqual(record.Key)))
        && f.Headers.All(h => Has(record, h))
        && f.Sequences.All(s => HeaderSequence.Of(s).Matches(record.Decode().Headers))
        && !f.NotKeys.Any(k => record.Key is not null && k.Span.SequenceEqual(record.Key))
        && !f.NotHeaders.Any(h => Has(record, h)));

    private static bool Has(FakeRecord record, KafkaHeader header) =>
        record.Headers.Any(r => r.Name.Span.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(header.Name)) && r.Value.Span.SequenceEqual(header.Value.Span));

    private static bool IsSuperseded(FakeTopic topic, FakeRecord record, long end) =>
        topic.Records(record.Partition).Any(r => r.Offset > record.Offset && r.Offset < end && r.Key is not null && record.Key is not null && r.Key.SequenceEqual(record.Key));

    private long VisibleEnd(FakeTopic topic, int partition) => Math.Max(0, topic.End(partition) - Lag);

    private static byte[] Flush(ProgressVector next) => new KafkaFlushEx { Progress = ByteString.CopyFrom(next.ToProgress().Encode()) }.ToByteArray();

    private static KafkaProgress Decode(ByteString bytes) =>
        KafkaProgress.TryDecode(bytes.Span, out var progress) ? progress : throw new StreamBrokenException(Cause.ProtocolError, "progress");
}
