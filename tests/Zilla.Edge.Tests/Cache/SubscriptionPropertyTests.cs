using System.Collections.Concurrent;
using System.Text;
using Zilla.Edge.Cache;
using Zilla.Edge.Tests.Fakes;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Cache;

/// <summary>
/// Whatever happens in whatever order (records, readers that stall, queues that overflow, replicas that lag or die), every follower gets
/// exactly the records that match, once, in order per partition. A failure names its seed.
/// </summary>
public sealed class SubscriptionPropertyTests
{
    private const int Partitions = 3;
    private static readonly TopicName Items = new("cluster", "items");

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Follow_RandomInterleaving_ExactlyTheMatchingRecordsOnce(int seed)
    {
        var random = new Random(seed);
        var topics = new ConcurrentDictionary<string, FakeTopic>();
        await using var one = new FakeCache("one", topics);
        await using var two = new FakeCache("two", topics);
        FakeCache[] replicas = [one, two];
        var topic = one.Topic("items", Partitions);
        var options = new CacheOptions
        {
            QueueRecords = random.Next(1, 6),
            RetryDelay = TimeSpan.FromMilliseconds(1),
            MaxRetryDelay = TimeSpan.FromMilliseconds(4),
            FeedLinger = TimeSpan.FromMilliseconds(random.Next(1, 20)),
        };
        using var client = Caches.Client(options, null, replicas);
        var followers = new List<(Follower Follower, KafkaProgress From, RecordFilter[] Filters)>();

        for (var step = 0; step < 300; step++)
        {
            switch (random.Next(20))
            {
                case 0 or 1 when followers.Count < 12:
                    var (from, filters) = (RandomProgress(random, topic), RandomFilters(random));
                    followers.Add((await Follower.StartAsync(client, Items, from, filters), from, filters));
                    break;
                case 2 when followers.Count > 0:
                    followers[random.Next(followers.Count)].Follower.Hold();
                    break;
                case 3 when followers.Count > 0:
                    followers[random.Next(followers.Count)].Follower.Continue();
                    break;
                case 4 when random.Next(3) == 0:
                    await replicas[random.Next(2)].CutAsync();
                    break;
                case 5:
                    replicas[random.Next(2)].Lag = random.Next(4);
                    topic.Pulse();
                    break;
                case 6:
                    await Task.Yield();
                    break;
                default:
                    topic.Append(random.Next(Partitions), $"k{random.Next(4)}", $"{step}", [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => ("h", $"{random.Next(3)}"))]);
                    break;
            }
        }

        one.Lag = two.Lag = 0;
        topic.Pulse();
        foreach (var (follower, from, filters) in followers)
        {
            follower.Continue();
            var expected = Expected(topic, from, filters);
            await Eventually.HoldsAsync(() => follower.Ended.IsFaulted || follower.Got.Count >= expected.Sum(p => p.Count), TimeSpan.FromSeconds(30), $"seed {seed}: all records arrive");
            Assert.Null(follower.Ended.Exception);
            for (var p = 0; p < Partitions; p++)
            {
                Assert.True(expected[p].SequenceEqual(follower.Got.Where(g => g.Partition == p).Select(g => g.Offset)), $"seed {seed}, partition {p}");
            }

            await follower.DisposeAsync();
        }
    }

    private static List<long>[] Expected(FakeTopic topic, KafkaProgress from, RecordFilter[] filters) =>
        [.. Enumerable.Range(0, Partitions).Select(p => topic.Records(p)
            .Where(r => r.Offset >= (from[p] ?? 0) && (filters.Length == 0 || filters.Any(f => Matches(f, r))))
            .Select(r => r.Offset).ToList())];

    private static bool Matches(RecordFilter filter, FakeRecord record) =>
        (filter.Key is not { } key || key.Span.SequenceEqual(record.Key))
        && filter.Headers.All(h => Has(record, h))
        && filter.Sequences.All(s => s.Matches(record.Decode().Headers))
        && !filter.NotKeys.Any(k => k.Span.SequenceEqual(record.Key))
        && !filter.NotHeaders.Any(h => Has(record, h));

    private static bool Has(FakeRecord record, RecordHeader header) =>
        record.Headers.Any(r => r.Name.Span.SequenceEqual(header.Name.Span) && r.Value.Span.SequenceEqual(header.Value.Span));

    private static KafkaProgress RandomProgress(Random random, FakeTopic topic)
    {
        var progress = KafkaProgress.Empty;
        for (var p = 0; p < Partitions; p++)
        {
            if (random.Next(2) == 0)
            {
                progress = progress.With(p, random.NextInt64(topic.End(p) + 2));
            }
        }

        return progress;
    }

    private static RecordFilter[] RandomFilters(Random random) =>
        [.. Enumerable.Range(0, random.Next(3)).Select(_ => new RecordFilter(
            random.Next(2) == 0 ? Encoding.UTF8.GetBytes($"k{random.Next(4)}") : default(ReadOnlyMemory<byte>?),
            random.Next(2) == 0 ? [RandomHeader(random)] : [])
        {
            Sequences = random.Next(3) == 0 ? [new HeaderSequence("h"u8.ToArray(), RandomElements(random))] : [],
            NotKeys = random.Next(4) == 0 ? [Encoding.UTF8.GetBytes($"k{random.Next(4)}")] : [],
            NotHeaders = random.Next(4) == 0 ? [RandomHeader(random)] : [],
        })];

    private static RecordHeader RandomHeader(Random random) => new("h"u8.ToArray(), Encoding.UTF8.GetBytes($"{random.Next(3)}"));

    private static IEnumerable<SequenceElement> RandomElements(Random random)
    {
        var elements = Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(2) == 0 ? SequenceElement.SkipOne : new SequenceElement(Encoding.UTF8.GetBytes($"{random.Next(3)}")));
        return random.Next(2) == 0 ? elements.Append(SequenceElement.SkipMany) : elements;
    }
}
