using Zilla.Edge.Cache;
using Zilla.Edge.Tests.Fakes;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Cache;

public sealed class OpenDeadlineTests
{
    private static readonly FetchRequest Items = new(new TopicName("cluster", "items"));

    [Fact]
    public async Task Fetch_NotAnswered_TimesOutWhenItsOwnTimeIsOver()
    {
        await using var cache = new FakeCache();
        cache.Topic("items");
        var time = new ManualTime();
        using var client = Caches.Client(new CacheOptions { OpenTimeout = TimeSpan.FromSeconds(20) }, time, cache);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cache.BeforeAnswer = () => answer.Task;
        var first = client.FetchAsync(Items, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(15));
        var second = client.FetchAsync(Items, CancellationToken.None);
        await Eventually.HoldsAsync(() => cache.OpenStreams == 2);

        time.Advance(TimeSpan.FromSeconds(6));

        var late = await Assert.ThrowsAsync<StreamBrokenException>(() => first);
        Assert.Equal((Cause.Timeout, "The cache did not answer in time."), (late.Cause, late.Message));
        await Eventually.HoldsAsync(() => cache.OpenStreams == 1);
        answer.SetResult();
        await (await second).DisposeAsync();
    }

    [Fact]
    public async Task Fetch_TimerFiredWithNothingLate_StillWatchesWhatComesLater()
    {
        await using var cache = new FakeCache();
        cache.Topic("items");
        var time = new ManualTime();
        using var client = Caches.Client(new CacheOptions { OpenTimeout = TimeSpan.FromSeconds(20) }, time, cache);
        await (await client.FetchAsync(Items, CancellationToken.None)).DisposeAsync();
        time.Advance(TimeSpan.FromSeconds(60));
        cache.BeforeAnswer = () => new TaskCompletionSource().Task;
        var unanswered = client.FetchAsync(Items, CancellationToken.None);

        time.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal(Cause.Timeout, (await Assert.ThrowsAsync<StreamBrokenException>(() => unanswered)).Cause);
    }

    [Fact]
    public async Task Fetch_GivenUpByItsReader_IsGivenUpAtTheCache()
    {
        await using var cache = new FakeCache();
        cache.Topic("items");
        using var client = Caches.Client(cache);
        cache.BeforeAnswer = () => new TaskCompletionSource().Task;
        using var gone = new CancellationTokenSource();
        var waiting = client.FetchAsync(Items, gone.Token);
        await Eventually.HoldsAsync(() => cache.OpenStreams == 1);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.HoldsAsync(() => cache.OpenStreams == 0);
    }
}
