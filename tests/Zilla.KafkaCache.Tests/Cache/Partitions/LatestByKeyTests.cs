using System.Text;
using Zilla.KafkaCache.Cache.Partitions;

namespace Zilla.KafkaCache.Tests.Cache.Partitions;

public sealed class LatestByKeyTests
{
    private readonly Dictionary<long, string> _keys = [];
    private readonly LatestByKey _latest = new();

    [Fact]
    public void Replace_SameHashOtherKey_KeepsBoth()
    {
        Assert.Equal(-1, Replace("a", 1));
        Assert.Equal(-1, Replace("b", 2));

        Assert.Equal(1, Replace("a", 3));
        Assert.Equal(2, Replace("b", 4));
    }

    [Fact]
    public void Remove_FirstOfAChain_LeavesTheOthersReachable()
    {
        Replace("a", 1);
        Replace("b", 2);
        Replace("c", 3);

        _latest.Remove(9, 1);

        Assert.Equal(2, _latest.Count);
        Assert.Equal(2, Replace("b", 4));
        Assert.Equal(3, Replace("c", 5));
        Assert.Equal(-1, Replace("a", 6));
    }

    [Fact]
    public void Remove_OffsetThatIsNotTheLatest_Nothing()
    {
        Replace("a", 1);
        Replace("a", 2);

        _latest.Remove(9, 1);

        Assert.Equal(2, Replace("a", 3));
    }

    private long Replace(string key, long offset)
    {
        _keys[offset] = key;
        return _latest.Replace(9, Encoding.UTF8.GetBytes(key), offset, (held, sought) => _keys[held] == Encoding.UTF8.GetString(sought));
    }
}
