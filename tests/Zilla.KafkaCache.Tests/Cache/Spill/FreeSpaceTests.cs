using Zilla.KafkaCache.Cache.Spill;

namespace Zilla.KafkaCache.Tests.Cache.Spill;

public sealed class FreeSpaceTests
{
    private const int Page = 4096;

    [Fact]
    public void Take_MoreThanThereIs_NowhereUntilItIsGivenBack()
    {
        var space = new FreeSpace((3 * Page) + 100);

        Assert.Equal((0, Page), (space.Take(1), space.Take(Page + 1)));
        Assert.Equal(-1, space.Take(1));

        space.Give(0, 1);
        Assert.Equal(-1, space.Take(Page + 1));
        space.Give(Page, Page + 1);
        Assert.Equal(0, space.Take(3 * Page));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TakeAndGive_InAnyOrder_NothingOverlapsAndNothingIsLost(int seed)
    {
        const int Pages = 200;
        var random = new Random(seed);
        var space = new FreeSpace(Pages * Page);
        var taken = new Dictionary<long, int>();
        for (var step = 0; step < 5000; step++)
        {
            if (random.Next(2) == 0 && taken.Count > 0)
            {
                var (position, length) = taken.ElementAt(random.Next(taken.Count));
                taken.Remove(position);
                space.Give(position, length);
            }
            else if (random.Next(1, 10 * Page) is var length && space.Take(length) is >= 0 and var position)
            {
                Assert.DoesNotContain(taken, other => position < other.Key + other.Value && other.Key < position + length);
                Assert.True(position + length <= Pages * Page);
                taken.Add(position, length);
            }
        }

        foreach (var (position, length) in taken)
        {
            space.Give(position, length);
        }

        Assert.Equal(0, space.Take(Pages * Page));
    }
}
