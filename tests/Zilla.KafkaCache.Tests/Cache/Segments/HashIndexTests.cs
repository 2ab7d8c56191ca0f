using Zilla.KafkaCache.Cache.Segments;

namespace Zilla.KafkaCache.Tests.Cache.Segments;

public sealed class HashIndexTests
{
    [Fact]
    public void Collect_HashesSharingABucket_GivesOnlyTheOneSought()
    {
        var index = new HashIndex();
        index.Add(0x01, 0);
        index.Add(0x11, 1); // 16 buckets: the same as 0x01
        index.Add(0x01, 2);

        Assert.Equal([2, 0], Collect(index, 0x01, 0, 3));
        Assert.Equal([1], Collect(index, 0x11, 0, 3));
        Assert.Empty(Collect(index, 0x21, 0, 3));
    }

    [Fact]
    public void Collect_Range_ExcludesEntriesOutside()
    {
        var index = new HashIndex();
        for (var entry = 0; entry < 10; entry++)
        {
            index.Add(7, entry);
        }

        Assert.Equal([6, 5, 4], Collect(index, 7, 4, 7));
    }

    [Fact]
    public void Collect_AfterGrowth_FindsEverything()
    {
        var index = new HashIndex();
        for (var entry = 0; entry < 1000; entry++)
        {
            index.Add((uint)(entry % 10), entry);
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => 993 - (i * 10)), Collect(index, 3, 0, 1000));
    }

    private static List<int> Collect(HashIndex index, uint hash, int from, int below)
    {
        var entries = new List<int>();
        index.Collect(hash, from, below, entries);
        return entries;
    }
}
