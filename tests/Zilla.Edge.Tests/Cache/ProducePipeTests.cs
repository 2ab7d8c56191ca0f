using System.Buffers;
using System.Collections.Concurrent;
using Zilla.Edge.Cache;
using Zilla.Edge.Tests.Fakes;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;
using Acks = Zilla.Streams.V1.KafkaProduce.Types.Acks;

namespace Zilla.Edge.Tests.Cache;

public sealed class ProducePipeTests
{
    private static readonly CacheOptions Quick = new() { RetryDelay = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task Produce_Many_AreWrittenInOrderOnOneStreamAndToldInOrder()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);

        caller.Produce(2000);

        await ToldAsync(caller, 2000);
        Assert.Equal(Numbers(0, 2000), Values(topic));
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => ((ulong)i, true, (long)i)), caller.Told.Select(t => (t.Number, t.Outcome.IsWritten, t.Outcome.Offset)));
        Assert.Single(cache.Opened);
    }

    [Fact]
    public async Task ProduceAsync_ManyCallersAtOnce_AllGetTheirOwnOutcome()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(async () => (Value: $"{i}", Outcome: await caller.ProduceAsync($"{i}")))));

        Assert.All(outcomes, o => Assert.Equal(o.Value, topic.At(0, o.Outcome.Offset)!.ValueText));
        Assert.Equal(500, outcomes.Select(o => o.Outcome.Offset).Distinct().Count());
    }

    [Fact]
    public async Task Produce_CallersBufferIsUsedAgain_RecordIsWhatItWas()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);
        var buffer = "first"u8.ToArray();

        Assert.True(client.Pipes.TryProduce(caller.Target, PipeCaller.Record("x") with { Value = new ReadOnlySequence<byte>(buffer) }, caller));
        "other"u8.CopyTo(buffer);

        await ToldAsync(caller, 1);
        Assert.Equal(["first"], Values(topic));
    }

    [Fact]
    public async Task Produce_LargerThanAFrame_IsWrittenWhole()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged);
        var large = new string('x', 3_000_000);

        Assert.True((await Eventually.CompletesAsync(caller.ProduceAsync(large).AsTask())).IsWritten);

        Assert.Equal([large], Values(topic));
    }

    [Fact]
    public async Task LaneLostInTheMiddle_UntilAcknowledged_NothingIsLostAndFirstOccurrencesAreInOrder()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged);
        var cuts = new ConcurrentDictionary<string, bool> { ["57"] = true, ["58"] = true, ["399"] = true };
        cache.Many.AfterWrite = value => cuts.TryRemove(value, out _) ? cache.CutAsync() : Task.CompletedTask;

        caller.Produce(400);

        await ToldAsync(caller, 400);
        Assert.All(caller.Told, t => Assert.True(t.Outcome.IsWritten));
        Assert.Equal(Enumerable.Range(0, 400).Select(i => (ulong)i), caller.Told.Select(t => t.Number));
        Assert.Equal(Numbers(0, 400), Values(topic).Distinct());
        Assert.Empty(cuts);
    }

    [Theory]
    [InlineData(ProduceRetry.Never, Acks.InSyncReplicas)]
    [InlineData(ProduceRetry.UntilAcknowledged, Acks.None)]
    public async Task LaneLostInTheMiddle_AtMostOnce_FailsWhatWasOnTheWayAndWritesNothingTwice(ProduceRetry retry, Acks acks)
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, retry, acks);
        cache.Many.AfterWrite = value => value == "57" ? cache.CutAsync() : Task.CompletedTask;

        caller.Produce(400);

        await ToldAsync(caller, 400);
        Assert.Equal(Values(topic).Distinct(), Values(topic));
        var failed = caller.Told.Where(t => !t.Outcome.IsWritten).ToList();
        Assert.Contains(57UL, failed.Select(t => t.Number));
        Assert.All(failed, t => Assert.True(t.Outcome.Cause is Cause.LaneLost or Cause.ShuttingDown));
        Assert.Empty(caller.Told.Where(t => t.Outcome.IsWritten).Select(t => $"{t.Number}").Except(Values(topic)));
    }

    [Fact]
    public async Task RecordIsRefused_FailsAlone()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged);
        cache.Many.Fails = value => value == "3" ? new StreamBrokenException(Cause.InvalidRecord, "too large") : null;

        caller.Produce(6);

        await ToldAsync(caller, 6);
        Assert.Equal([true, true, true, false, true, true], caller.Told.Select(t => t.Outcome.IsWritten));
        Assert.Equal((Cause.InvalidRecord, "too large"), (caller.Told[3].Outcome.Cause, caller.Told[3].Outcome.Message));
        Assert.Equal(["0", "1", "2", "4", "5"], Values(topic));
        Assert.Single(cache.Opened);
    }

    [Fact]
    public async Task RecordIsNotAnswered_OthersAreTold_AndItAloneIsSentAgain()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged);
        cache.Many.Holds = value => value is "0" or "57";

        caller.Produce(400);

        await ToldAsync(caller, 398);
        Assert.Equal(Numbers(0, 400).Except(["0", "57"]), caller.Told.Select(t => $"{t.Number}"));
        cache.Many.Holds = _ => false;
        await cache.CutAsync();
        await ToldAsync(caller, 400);
        Assert.Equal([(0UL, true), (57UL, true)], caller.Told.TakeLast(2).Select(t => (t.Number, t.Outcome.IsWritten)));
        Assert.Equal([.. Numbers(0, 400), "0", "57"], Values(topic));
    }

    [Theory]
    [InlineData(ProduceRetry.Never)]
    [InlineData(ProduceRetry.UntilAcknowledged)]
    public async Task ReplicaGoesAway_TheRestIsWrittenOnceByAnother(ProduceRetry retry)
    {
        var topics = new ConcurrentDictionary<string, FakeTopic>();
        await using var leaving = new FakeCache("replica-0", topics);
        await using var staying = new FakeCache("replica-1", topics);
        var topic = staying.Topic("items");
        using var client = Caches.Client(leaving, staying);
        var caller = new PipeCaller(client.Pipes, retry);
        staying.Many.StopsAt = leaving.Many.StopsAt = value =>
        {
            if (value != "100" || leaving.Refusal is not null)
            {
                return null;
            }

            return leaving.Refusal = new StreamBrokenException(Cause.ShuttingDown, "going away");
        };

        caller.Produce(300);

        await ToldAsync(caller, 300);
        Assert.All(caller.Told, t => Assert.True(t.Outcome.IsWritten));
        Assert.Equal(Numbers(0, 300), Values(topic));
    }

    [Fact]
    public async Task ClusterIsDown_Never_FailsAtOnceWithTheCause()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);
        cache.Many.StopsAt = _ => new StreamBrokenException(Cause.Unavailable, "no broker");

        Assert.Equal((Cause.Unavailable, "no broker"), await OutcomeAsync(caller, "a"));
        Assert.Equal(0, topic.End(0));
    }

    [Fact]
    public async Task ClusterIsDownFromTheStart_Never_FailsAtOnceWithTheCause()
    {
        await using var cache = new FakeCache { Refusal = new StreamBrokenException(Cause.Unavailable, "no broker", TimeSpan.FromSeconds(2)) };
        using var client = Caches.Client(cache);

        Assert.Equal((Cause.Unavailable, "no broker"), await OutcomeAsync(new PipeCaller(client.Pipes, ProduceRetry.Never), "a"));
    }

    [Fact]
    public async Task ClusterIsDownForAWhile_UntilAcknowledged_IsWrittenThenInOrder()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged);
        var left = 5;
        cache.Many.StopsAt = value => value == "10" && left-- > 0 ? new StreamBrokenException(Cause.Unavailable, "no broker") : null;

        caller.Produce(20);

        await ToldAsync(caller, 20);
        Assert.All(caller.Told, t => Assert.True(t.Outcome.IsWritten));
        Assert.Equal(Numbers(0, 20), Values(topic));
    }

    [Fact]
    public async Task RecordTimesOutInKafka_UntilAcknowledged_IsSentAgainBeforeWhatWasNotTaken()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged);
        var first = true;
        cache.Many.Fails = value => value == "5" && first ? new StreamBrokenException(Cause.Unavailable, "timed out") : null;
        cache.Many.StopsAt = value => value == "8" && first && !(first = false) ? new StreamBrokenException(Cause.Unavailable, "timed out") : null;

        caller.Produce(12);

        await ToldAsync(caller, 12);
        Assert.Equal(["0", "1", "2", "3", "4", "6", "7", "5", "8", "9", "10", "11"], Values(topic));
        Assert.All(caller.Told, t => Assert.True(t.Outcome.IsWritten));
    }

    [Fact]
    public async Task TopicIsUnknown_FailsWhateverTheRetry()
    {
        await using var cache = new FakeCache();
        using var client = Caches.Client(cache);

        Assert.Equal(Cause.UnknownTopic, (await OutcomeAsync(new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged), "a")).Cause);
    }

    [Theory]
    [InlineData(ProduceRetry.Never, 3)]
    [InlineData(ProduceRetry.UntilAcknowledged, 30)]
    public async Task NoReplica_FailsWhenItsTimeIsOver(ProduceRetry retry, int seconds)
    {
        await using var cache = new FakeCache { IsConnected = false };
        var time = new ManualTime();
        using var client = Caches.Client(new CacheOptions(), time, cache);
        var caller = new PipeCaller(client.Pipes, retry);
        caller.Produce(1);

        time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.Empty(caller.Told);
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return caller.Told.Count == 1;
        });

        Assert.Equal(Cause.LaneLost, caller.Told[0].Outcome.Cause);
    }

    [Fact]
    public async Task ReplicaIsSilent_TimesOut_AndTheStreamIsGivenUp()
    {
        await using var cache = new FakeCache();
        cache.Topic("items");
        var time = new ManualTime();
        using var client = Caches.Client(new CacheOptions(), time, cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);
        cache.Many.BeforeRecord = _ => new TaskCompletionSource().Task;
        caller.Produce(1);
        await Eventually.HoldsAsync(() => !cache.Opened.IsEmpty);

        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return caller.Told.Count == 1;
        });

        Assert.Equal(Cause.Timeout, caller.Told[0].Outcome.Cause);
    }

    [Fact]
    public async Task BudgetIsFull_IsDropped_OrWaitsUntilThereIsRoom()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(new CacheOptions { RetryDelay = TimeSpan.FromMilliseconds(1), PipeBytes = 1000 }, null, cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);
        var held = new TaskCompletionSource();
        cache.Many.BeforeRecord = _ => held.Task;

        var taken = 0;
        while (caller.TryProduce(taken))
        {
            taken++;
        }

        var waiting = caller.ProduceAsync("waited").AsTask();
        Assert.InRange(taken, 5, 1000 / 64);
        Assert.False(waiting.IsCompleted);
        held.SetResult();

        Assert.True((await Eventually.CompletesAsync(waiting)).IsWritten);
        Assert.Equal([.. Numbers(0, taken), "waited"], Values(topic));
    }

    [Fact]
    public async Task RecordIsLargerThanTheBudget_IsTakenAlone()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(new CacheOptions { PipeBytes = 100 }, null, cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);
        var large = new string('x', 1000);

        var outcomes = await Eventually.CompletesAsync(Task.WhenAll(Enumerable.Range(0, 3).Select(_ => caller.ProduceAsync(large).AsTask())));

        Assert.All(outcomes, o => Assert.True(o.IsWritten));
        Assert.Equal(3, topic.End(0));
    }

    [Fact]
    public async Task NothingComes_StreamEndsInOrder_AndTheNextRecordHasANewOne()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        var time = new ManualTime();
        using var client = Caches.Client(new CacheOptions(), time, cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);
        caller.Produce(1);
        await ToldAsync(caller, 1);

        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(8));
            return cache.OpenStreams == 0;
        });
        caller.Produce(1, first: 1);

        await ToldAsync(caller, 2);
        Assert.Equal(["0", "1"], Values(topic));
        Assert.Equal(2, cache.Opened.Count);
    }

    [Fact]
    public async Task ClientIsDisposed_EverybodyIsTold_AndNothingIsTaken()
    {
        await using var cache = new FakeCache();
        cache.Topic("items");
        var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged);
        cache.Many.BeforeRecord = _ => new TaskCompletionSource().Task;
        caller.Produce(10);

        client.Dispose();

        await ToldAsync(caller, 10);
        Assert.All(caller.Told, t => Assert.Equal(Cause.ShuttingDown, t.Outcome.Cause));
        Assert.Equal(Cause.ShuttingDown, Assert.Throws<StreamBrokenException>(() => caller.TryProduce(11)).Cause);
    }

    [Fact]
    public async Task ReceiverThrows_OthersAreToldAllTheSame()
    {
        await using var cache = new FakeCache();
        cache.Topic("items");
        using var client = Caches.Client(cache);
        var caller = new PipeCaller(client.Pipes, ProduceRetry.Never);

        client.Pipes.TryProduce(caller.Target, PipeCaller.Record("a"), new Throwing());
        caller.Produce(3);

        await ToldAsync(caller, 3);
    }

    [Fact]
    public async Task Cancelled_NobodyWaits_AndTheRecordIsWritten()
    {
        await using var cache = new FakeCache();
        var topic = cache.Topic("items");
        using var client = Caches.Client(cache);
        var held = new TaskCompletionSource();
        cache.Many.BeforeRecord = _ => held.Task;
        using var cancelled = new CancellationTokenSource();
        var producing = new PipeCaller(client.Pipes, ProduceRetry.Never).ProduceAsync("a", cancelled.Token).AsTask();

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => producing);
        held.SetResult();

        await Eventually.HoldsAsync(() => topic.End(0) == 1);
    }

    [Fact]
    public async Task HeadIsTooLarge_IsRefusedHere()
    {
        await using var cache = new FakeCache();
        using var client = Caches.Client(cache);
        var record = new PipeRecord(new byte[1 << 20], default);

        Assert.Equal(Cause.InvalidRecord, Assert.Throws<StreamBrokenException>(() => client.Pipes.TryProduce(new PipeCaller(client.Pipes, ProduceRetry.Never).Target, record)).Cause);
    }

    /// <summary>Lanes are lost at random, in one replica or the other, before or after a record is written.</summary>
    [Fact]
    public async Task LanesAreLostAtRandom_UntilAcknowledged_AllIsWrittenAndFirstOccurrencesAreInOrder()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var topics = new ConcurrentDictionary<string, FakeTopic>();
            await using var one = new FakeCache("replica-0", topics);
            await using var two = new FakeCache("replica-1", topics);
            var topic = one.Topic("items");
            using var client = Caches.Client(Quick, null, one, two);
            var caller = new PipeCaller(client.Pipes, ProduceRetry.UntilAcknowledged);
            foreach (var cache in new[] { one, two })
            {
                cache.Many.AfterWrite = cache.Many.BeforeRecord = _ =>
                {
                    lock (random)
                    {
                        return random.Next(400) == 0 ? cache.CutAsync() : Task.CompletedTask;
                    }
                };
            }

            for (var number = 0; number < 300; number += 100)
            {
                caller.Produce(100, number);
                await Task.Yield();
            }

            await ToldAsync(caller, 300);
            Assert.All(caller.Told, t => Assert.True(t.Outcome.IsWritten));
            Assert.Equal(Numbers(0, 300), Values(topic).Distinct());
        }
    }

    private static async Task<(Cause Cause, string? Message)> OutcomeAsync(PipeCaller caller, string value)
    {
        var outcome = await Eventually.CompletesAsync(caller.ProduceAsync(value).AsTask());
        return (outcome.Cause, outcome.Message);
    }

    private static Task ToldAsync(PipeCaller caller, int count) => Eventually.HoldsAsync(() => caller.Told.Count == count);

    private static IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(i => $"{i}");

    private static IEnumerable<string> Values(FakeTopic topic) => topic.Records(0).Select(r => r.ValueText!);

    private sealed class Throwing : IProduceReceiver
    {
        public void Produced(ulong tag, in ProduceOutcome outcome) => throw new InvalidOperationException("no");
    }
}
