using Zilla.KafkaCache.Clusters;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Tests.Clusters;

public class TopicEndsTests
{
    [Fact]
    public async Task Now_AskedByManyAtATime_IsAskedOfKafkaOnce_AndAgainForWhoCameMeanwhile()
    {
        List<TaskCompletionSource<long?>> asked = [];
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        var ends = new TopicEnds((_, _) =>
        {
            asked.Add(new());
            (asked.Count == 1 ? first : second).SetResult();
            return asked[^1].Task;
        });

        var early = ends.NowAsync("t", 1);
        await first.Task;
        var late = new[] { ends.NowAsync("t", 1), ends.NowAsync("t", 1), ends.NowAsync("t", 1) };
        asked[0].SetResult(5);
        Assert.Equal(KafkaProgress.Of(0, 5), await early);
        await second.Task;
        asked[1].SetResult(7);

        Assert.All(await Task.WhenAll(late), end => Assert.Equal(KafkaProgress.Of(0, 7), end));
        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public async Task Now_PartitionWhoseEndCannotBeSaid_IsLeftOut() =>
        Assert.Equal(KafkaProgress.Of(1, 3), await new TopicEnds((_, partition) => Task.FromResult<long?>(partition == 0 ? null : 3)).NowAsync("t", 2));
}
