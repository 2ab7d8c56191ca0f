using Zilla.Config.Bindings;
using Zilla.Edge.Limits;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Limits;

public sealed class BucketTableTests
{
    private readonly ManualTime _time = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    /// <summary>Buckets that are not full are never forgotten while there is a full one: then the table answers as one without a cap would.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void TryTake_RandomClients_NoMoreThanTheCap_FullOnesAreForgottenFirst(int seed)
    {
        var random = new Random(seed);
        var capacity = random.Next(2, 40);
        var table = new BucketTable(capacity);
        var rate = new Rate(new RateLimit { Requests = random.Next(1, 5), Burst = random.Next(1, 8) }, _time);
        var buckets = new Dictionary<UInt128, long>();
        for (var step = 0; step < 5000; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 200)));
            var (now, client) = (_time.GetTimestamp(), (UInt128)random.Next(0, capacity * 10));
            var used = buckets.Count(bucket => bucket.Value > now);
            if (used >= capacity && buckets.GetValueOrDefault(client) <= now)
            {
                continue; // there would be no room for one more
            }

            var full = buckets.GetValueOrDefault(client);
            var expected = rate.TryTake(ref full, now, out var expectedWait);
            buckets[client] = full;

            Assert.Equal(expected, table.TryTake(client, rate, now, out var wait));
            Assert.Equal(expectedWait, wait);
            Assert.InRange(table.Count, 1, capacity);
        }
    }

    [Fact]
    public void TryTake_MoreClientsThanRoom_WhoHasTakenMostIsRemembered()
    {
        var table = new BucketTable(10);
        var rate = new Rate(new RateLimit { Requests = 2, Per = TimeSpan.FromHours(1) }, _time);
        Assert.True(table.TryTake(1, rate, _time.GetTimestamp(), out _));
        Assert.True(table.TryTake(1, rate, _time.GetTimestamp(), out _));

        for (var other = 2; other < 1000; other++)
        {
            Assert.True(table.TryTake((UInt128)other, rate, _time.GetTimestamp(), out _));
        }

        Assert.False(table.TryTake(1, rate, _time.GetTimestamp(), out _));
        Assert.Equal(10, table.Count);
    }

    [Fact]
    public void TryTake_ManyAddresses_StaysWithinTheCap()
    {
        var table = new BucketTable(4096);
        var rate = new Rate(new RateLimit { Requests = 1, Per = TimeSpan.FromHours(1) }, _time);

        Parallel.For(0, 200_000, address => table.TryTake(new UInt128((ulong)address, 0), rate, _time.GetTimestamp(), out _));

        Assert.InRange(table.Count, 2048, 4096);
    }

    [Fact]
    public void TryTake_KnownClients_AllocatesNothing()
    {
        var table = new BucketTable(4096);
        var rate = new Rate(new RateLimit { Requests = 1000 }, _time);
        var now = _time.GetTimestamp();
        table.TryTake(1, rate, now, out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var request = 0; request < 1000; request++)
        {
            table.TryTake(1, rate, now, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
