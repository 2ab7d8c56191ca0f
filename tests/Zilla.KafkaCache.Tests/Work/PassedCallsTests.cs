using Zilla.KafkaCache.Work;

namespace Zilla.KafkaCache.Tests.Work;

public sealed class PassedCallsTests
{
    private readonly PassedCalls _passed = new(3);

    [Fact]
    public void BeyondTheMost_TheOldestIsForgotten_NotWhatComes()
    {
        foreach (var id in (string[])["a", "b", "c", "a", "d", "e"])
        {
            _passed.Add(id);
        }

        Assert.Equal([false, false, true, true, true], Known("a", "b", "c", "d", "e"));
    }

    [Fact]
    public void Ended_MakesRoom()
    {
        foreach (var id in (string[])["a", "b", "c"])
        {
            _passed.Add(id);
        }

        _passed.Remove("b");
        _passed.Add("d");
        Assert.Equal([true, false, true, true], Known("a", "b", "c", "d"));
    }

    private bool[] Known(params string[] ids) => [.. ids.Select(_passed.Contains)];
}
