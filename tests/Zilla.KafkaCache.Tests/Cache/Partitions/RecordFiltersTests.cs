using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Zilla.KafkaCache.Cache;
using Zilla.KafkaCache.Cache.Partitions;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;
using Element = Zilla.Streams.V1.KafkaHeaderSequence.Types.Element;
using Skip = Zilla.Streams.V1.KafkaHeaderSequence.Types.Skip;

namespace Zilla.KafkaCache.Tests.Cache.Partitions;

public sealed class RecordFiltersTests
{
    private static readonly string?[] Keys = ["a", "b", null];
    private static readonly string[] Levels = ["x", "y", "z"];

    private readonly ManualTime _time = new();
    private readonly MemoryBudget _budget = new(1L << 30);

    [Fact]
    public void Cursor_SequenceAndNot_GivesWhatAnMqttSubscriptionAsksFor()
    {
        var log = new PartitionLog(0, TopicPolicy.Default, _budget, _time);
        log.Append(0, "s/1/t", "0", Records.Timestamp, ("f", "s"), ("f", "1"), ("f", "t"), ("qos", "0"));
        log.Append(1, "s/1/u", "1", Records.Timestamp, ("f", "s"), ("f", "1"), ("f", "u"), ("qos", "0"));
        log.Append(2, "s/2/t", "2", Records.Timestamp, ("f", "s"), ("f", "2"), ("f", "t"), ("qos", "1"));
        log.Append(3, "s/3/t", "3", Records.Timestamp, ("f", "s"), ("f", "3"), ("f", "t"), ("qos", "0"), ("local", "me"));
        log.Append(4, "s", "4", Records.Timestamp, ("f", "s"), ("qos", "0"));
        log.Append(5, null, "5", Records.Timestamp, ("qos", "0"));

        Assert.Equal([0L, 2, 3], Read(log, new KafkaFilter { Sequences = { Sequence("f", "s", "+", "t") } }));
        Assert.Equal([0L], Read(log, new KafkaFilter { Sequences = { Sequence("f", "s", "+", "t") }, NotHeaders = { Header("qos", "1"), Header("local", "me") } }));
        Assert.Equal([0L, 1, 2, 3, 4], Read(log, new KafkaFilter { Sequences = { Sequence("f", "s", "#") } }));
        Assert.Equal([5L], Read(log, new KafkaFilter { Sequences = { Sequence("f") } }));
        Assert.Equal([1L, 2, 3, 4, 5], Read(log, new KafkaFilter { NotKeys = { ByteString.CopyFromUtf8("s/1/t") } }));
    }

    [Fact]
    public void Cursor_AnyRecordsAndFilters_GivesWhatAPlainScanFinds()
    {
        var header = Gen.Elements("f", "g").SelectMany(name => Gen.Elements<string?>([.. Levels, null]).Select(value => (name, value)));
        var record = Gen.Elements(Keys).SelectMany(key => header.ArrayOf(4).SelectMany(headers => Gen.Choose(0, 4).Select(n => (Key: key, Headers: headers[..n]))));
        var level = Gen.Elements([.. Levels, "+"]);
        var sequence = Gen.Elements("f", "g").SelectMany(name => level.ArrayOf(3).SelectMany(elements => Gen.Choose(0, 3).SelectMany(n => Gen.Elements(false, true)
            .Select(many => Sequence(name, [.. elements[..n], .. many ? ["#"] : Array.Empty<string>()])))));
        var filter = Gen.Elements<string?>("a", "b", null, null).SelectMany(key => Some(header).SelectMany(headers => Some(sequence).SelectMany(sequences =>
            Some(Gen.Elements("a", "b")).SelectMany(notKeys => Some(header).Select(notHeaders => Filter(key, headers, sequences, notKeys, notHeaders))))));
        Prop.ForAll(record.ListOf(60).ToArbitrary(), Some(filter).ToArbitrary(), (records, filters) =>
        {
            var log = new PartitionLog(0, TopicPolicy.Default, _budget, _time);
            for (var offset = 0; offset < records.Count; offset++)
            {
                log.Append(offset, records[offset].Key, "v", Records.Timestamp, records[offset].Headers);
            }

            var expected = Enumerable.Range(0, records.Count).Where(i => filters.Length == 0 || filters.Any(f => Passes(f, records[i].Key, records[i].Headers))).Select(i => (long)i);
            return expected.SequenceEqual(Read(log, filters));
        }).QuickCheckThrowOnFailure();

        static Gen<T[]> Some<T>(Gen<T> of) => of.ArrayOf(2).SelectMany(all => Gen.Choose(0, 2).Select(n => all[..n]));
    }

    public static TheoryData<KafkaFilter[]> Unsound => new()
    {
        { [.. Enumerable.Repeat(new KafkaFilter(), KafkaFilterLimits.Filters + 1)] },
        { [new KafkaFilter { NotHeaders = { Enumerable.Repeat(Header("a", "b"), KafkaFilterLimits.Conditions / 2) }, NotKeys = { Enumerable.Repeat(ByteString.Empty, (KafkaFilterLimits.Conditions / 2) + 1) } }] },
        { [new KafkaFilter { Sequences = { Sequence("f", "#", "x") } }] },
    };

    [Theory]
    [MemberData(nameof(Unsound), DisableDiscoveryEnumeration = true)]
    public void New_MoreThanAllowed_IsRefused(KafkaFilter[] filters) =>
        Assert.Equal(Cause.ProtocolError, Assert.Throws<StreamBrokenException>(() => new RecordFilters(filters)).Cause);

    private static IEnumerable<long> Read(PartitionLog log, params KafkaFilter[] filters)
    {
        var cursor = new PartitionCursor(log, 0, new RecordFilters(filters));
        while (cursor.TryRead(long.MaxValue, out var record))
        {
            yield return record.Offset;
        }
    }

    /// <summary>kafka.proto, said another way.</summary>
    private static bool Passes(KafkaFilter filter, string? key, (string Name, string? Value)[] headers) =>
        (!filter.HasKey || filter.Key.ToStringUtf8() == key)
        && filter.Headers.All(h => headers.Contains(Plain(h)))
        && filter.Sequences.All(s => Follows([.. s.Elements], [.. headers.Where(h => h.Name == s.Name).Select(h => h.Value)]))
        && !filter.NotKeys.Any(k => k.ToStringUtf8() == key)
        && !filter.NotHeaders.Any(h => headers.Contains(Plain(h)));

    private static bool Follows(Element[] elements, string?[] values) => (elements, values) switch
    {
        ([], []) => true,
        ([{ HasSkip: true, Skip: Skip.Many }], _) => true,
        ([], _) or (_, []) => false,
        ([{ HasSkip: true }, ..], _) => Follows(elements[1..], values[1..]),
        _ => elements[0].Value.ToStringUtf8() == values[0] && Follows(elements[1..], values[1..]),
    };

    private static (string Name, string? Value) Plain(KafkaHeader header) => (header.Name, header.HasValue ? header.Value.ToStringUtf8() : null);

    private static KafkaFilter Filter(string? key, (string, string?)[] headers, KafkaHeaderSequence[] sequences, string[] notKeys, (string, string?)[] notHeaders)
    {
        var filter = new KafkaFilter { Headers = { headers.Select(Header) }, Sequences = { sequences }, NotHeaders = { notHeaders.Select(Header) } };
        filter.NotKeys.AddRange(notKeys.Select(ByteString.CopyFromUtf8));
        if (key is not null)
        {
            filter.Key = ByteString.CopyFromUtf8(key);
        }

        return filter;
    }

    private static KafkaHeader Header((string Name, string? Value) header) => Header(header.Name, header.Value);

    private static KafkaHeader Header(string name, string? value)
    {
        var header = new KafkaHeader { Name = name };
        if (value is not null)
        {
            header.Value = ByteString.CopyFrom(value, Encoding.UTF8);
        }

        return header;
    }

    private static KafkaHeaderSequence Sequence(string name, params string[] elements) => new()
    {
        Name = name,
        Elements =
        {
            elements.Select(e => e switch
            {
                "+" => new Element { Skip = Skip.One },
                "#" => new Element { Skip = Skip.Many },
                _ => new Element { Value = ByteString.CopyFromUtf8(e) },
            }),
        },
    };
}
