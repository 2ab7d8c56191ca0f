using System.Net;
using Zilla.Config.Bindings;
using Zilla.Edge.Guards;
using Zilla.Edge.Limits;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Limits;

public sealed class RateTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void TryTake_Burst_ThenTheRate()
    {
        var (rate, bucket) = (new Rate(new RateLimit { Requests = 2, Per = TimeSpan.FromSeconds(1), Burst = 3 }, _time), new Bucket());

        Assert.Equal(3, Taken(bucket, rate));
        Assert.False(bucket.TryTake(rate, _time.GetTimestamp(), out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(500).Ticks, wait);
        _time.Advance(TimeSpan.FromTicks(wait - 1));
        Assert.Equal(0, Taken(bucket, rate));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, Taken(bucket, rate));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, Taken(bucket, rate)); // never more than the burst
    }

    [Fact]
    public void TryTake_ARefusal_TakesNothing()
    {
        var (rate, bucket) = (new Rate(new RateLimit { Requests = 1 }, _time), new Bucket());
        Assert.Equal(1, Taken(bucket, rate));

        for (var attempt = 0; attempt < 100; attempt++)
        {
            Assert.False(bucket.TryTake(rate, _time.GetTimestamp(), out _));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Taken(bucket, rate));
    }

    [Fact]
    public void TryTake_ASmallerRateComes_TheWaitIsTheNewOnes()
    {
        var bucket = new Bucket();
        Assert.Equal(10, Taken(bucket, new Rate(new RateLimit { Requests = 10, Per = TimeSpan.FromHours(1) }, _time)));

        Assert.False(bucket.TryTake(new Rate(new RateLimit { Requests = 1 }, _time), _time.GetTimestamp(), out var wait));

        Assert.Equal(TimeSpan.FromSeconds(1).Ticks, wait);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Taken(bucket, new Rate(new RateLimit { Requests = 1 }, _time)));
    }

    [Fact]
    public void TryTake_TheExtremes_DoNotOverflow()
    {
        var bucket = new Bucket();
        var rate = new Rate(new RateLimit { Requests = 1, Per = TimeSpan.FromHours(1), Burst = 1_000_000 }, TimeProvider.System);
        var now = TimeProvider.System.GetTimestamp();
        for (var taken = 0; taken < 1_000_000; taken++)
        {
            Assert.True(bucket.TryTake(rate, now, out _));
        }

        Assert.False(bucket.TryTake(rate, now, out var wait));
        Assert.Equal(3600 * TimeProvider.System.TimestampFrequency, wait);
    }

    [Fact]
    public void TryTake_ByManyAtOnce_GivesExactlyTheBurst()
    {
        var (rate, bucket, now) = (new Rate(new RateLimit { Requests = 5000 }, _time), new Bucket(), _time.GetTimestamp());
        var taken = 0;

        Parallel.For(0, 20_000, _ => Interlocked.Add(ref taken, bucket.TryTake(rate, now, out var _) ? 1 : 0));

        Assert.Equal(5000, taken);
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("0.0.0.1", "::1", false)]
    public void Of_Address_Ipv6CountsByItsNetwork(string one, string other, bool same) =>
        Assert.Equal(same, ClientKey.Of(IPAddress.Parse(one)) == ClientKey.Of(IPAddress.Parse(other)));

    [Fact]
    public void Of_Identity_IsOfItsGuard()
    {
        var key = ClientKey.Of(new Grant("jwt", "alice"));
        Assert.Equal(key, ClientKey.Of(new Grant("jwt", new string("alice"))));
        Assert.NotEqual(key, ClientKey.Of(new Grant("jwt", "bob")));
        Assert.NotEqual(key, ClientKey.Of(new Grant("peers", "alice")));
        Assert.NotEqual(key, ClientKey.Of(new Grant("jwta", "lice")));
    }

    private int Taken(Bucket bucket, Rate rate)
    {
        var taken = 0;
        while (bucket.TryTake(rate, _time.GetTimestamp(), out _))
        {
            taken++;
        }

        return taken;
    }
}
