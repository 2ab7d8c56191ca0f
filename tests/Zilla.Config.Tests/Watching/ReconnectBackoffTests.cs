using Zilla.Config.Watching;

namespace Zilla.Config.Tests.Watching;

public sealed class ReconnectBackoffTests
{
    [Fact]
    public void Next_DoublesUpToItsLongest_AndStartsOverAfterReset()
    {
        var backoff = new ReconnectBackoff(() => 0);
        Assert.Equal([200, 400, 800, 1600, 3200, 5000, 5000], Enumerable.Range(0, 7).Select(_ => backoff.Next().TotalMilliseconds));

        backoff.Reset();
        Assert.Equal(200, backoff.Next().TotalMilliseconds);
    }

    [Fact]
    public void Next_Jitter_TakesOffAtMostHalf()
    {
        var backoff = new ReconnectBackoff(() => 0.5);
        Assert.Equal([150, 300], [backoff.Next().TotalMilliseconds, backoff.Next().TotalMilliseconds]);
    }
}
