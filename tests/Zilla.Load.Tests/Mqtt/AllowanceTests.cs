using Zilla.Load.Mqtt;

namespace Zilla.Load.Tests.Mqtt;

public class AllowanceTests
{
    [Fact]
    public void Take_MoreThanThereIs_GetsTheRestAndThenNothing()
    {
        var allowance = new Allowance();
        Assert.Equal(0, allowance.Take(1));
        allowance.Raise(10);

        Assert.Equal((7, 3, 0), (allowance.Take(7), allowance.Take(7), allowance.Take(7)));
        Assert.Equal(10, allowance.Sent);
    }

    [Fact]
    public void WaitAsync_CompletesWithTheNextRaise()
    {
        var allowance = new Allowance();
        var raised = allowance.WaitAsync();
        Assert.False(raised.IsCompleted);

        allowance.Raise(0);

        Assert.True(raised.IsCompleted);
        Assert.False(allowance.WaitAsync().IsCompleted);
    }

    [Fact]
    public void Take_ByManyAtOnce_GivesNoMoreThanThereIs()
    {
        var (allowance, taken) = (new Allowance(), 0L);
        allowance.Raise(10_000);

        Parallel.For(0, 4_000, _ => Interlocked.Add(ref taken, allowance.Take(3)));

        Assert.Equal((10_000, 10_000), (taken, allowance.Sent));
    }
}
