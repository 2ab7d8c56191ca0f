using Google.Protobuf;
using Zilla.KafkaCache.Sessions;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>Where filters begin: what a session keeps of it, and how long.</summary>
public sealed class SessionDeliveryTests
{
    private readonly SessionDelivery _delivery = new();

    public SessionDeliveryTests() => _delivery.TryApply(new() { Progress = { At("t", (0, 10), (1, 10)) } });

    [Fact]
    public void Begin_WhereTheSessionIs_KeepsNothing()
    {
        Assert.True(_delivery.TryBegin(["b"], [At("t", (0, 10), (1, 7))]));

        Assert.False(_delivery.HasStarts);
    }

    [Fact]
    public void Begin_AheadOfTheSession_KeepsThosePartitionsAlone()
    {
        _delivery.TryBegin(["b"], [At("t", (0, 10), (1, 20), (2, 0), (3, 5), (4, -1))]);

        Assert.Equal([Start(["b"], At("t", (1, 20), (3, 5)))], _delivery.ToMessage().Starts);
    }

    [Fact]
    public void Begin_InATopicWithoutProgress_IsKeptUntilThereIsOne()
    {
        _delivery.TryBegin(["b"], [At("u", (0, 20))]);
        Assert.True(_delivery.HasStarts);

        _delivery.TryApply(new() { Progress = { At("u", (0, 20)) } });
        Assert.False(_delivery.HasStarts);
    }

    [Fact]
    public void Begin_AtTheSamePlace_IsOneEntry()
    {
        _delivery.TryBegin(["b"], [At("t", (0, 20))]);
        _delivery.TryBegin(["c", "d"], [At("t", (0, 20))]);
        _delivery.TryBegin(["e"], [At("t", (0, 21))]);

        Assert.Equal(["b c d", "e"], _delivery.ToMessage().Starts.Select(start => string.Join(' ', start.Filters.Order())));
    }

    [Fact]
    public void Begin_MoreThanIsKept_TheOldestCountFromAlways()
    {
        var longest = new string('x', 20_000);
        foreach (var number in Enumerable.Range(1, 5))
        {
            _delivery.TryBegin([$"{number}{longest}"], [At("t", (0, 20 + number))]);
        }

        var starts = _delivery.ToMessage().Starts;
        Assert.Equal(['3', '4', '5'], starts.Select(start => start.Filters[0][0]));
        Assert.InRange(starts.Sum(start => start.CalculateSize()), 1, FilterStarts.MostBytes);

        _delivery.TryBegin([.. Enumerable.Range(0, 4).Select(number => $"{number}{longest}")], [At("t", (0, 30))]);
        Assert.False(_delivery.HasStarts);
    }

    [Fact]
    public void Progress_PassesAStart_PartitionByPartition()
    {
        _delivery.TryBegin(["b"], [At("t", (0, 20), (1, 20))]);
        _delivery.TryBegin(["c"], [At("t", (0, 30))]);

        _delivery.TryApply(new() { Progress = { At("t", (0, 19), (1, 20)) } });
        Assert.Equal([Start(["b"], At("t", (0, 20))), Start(["c"], At("t", (0, 30)))], _delivery.ToMessage().Starts);

        // It never goes back, whatever is reported.
        _delivery.TryApply(new() { Progress = { At("t", (0, 25)) } });
        _delivery.TryApply(new() { Progress = { At("t", (0, 15)) } });
        Assert.Equal([Start(["c"], At("t", (0, 30)))], _delivery.ToMessage().Starts);

        _delivery.TryApply(new() { Progress = { At("t", (0, 30)) } });
        Assert.False(_delivery.HasStarts);
    }

    [Fact]
    public void Gone_FilterOrTopic_ItsStartsAreToo()
    {
        _delivery.TryBegin(["b", "c"], [At("t", (0, 20)), At("u", (0, 5))]);
        _delivery.Remove("b");
        Assert.Equal(["c"], Assert.Single(_delivery.ToMessage().Starts).Filters);

        _delivery.Forget("t");
        Assert.Equal([Start(["c"], At("u", (0, 5)))], _delivery.ToMessage().Starts);

        _delivery.Forget("u");
        Assert.False(_delivery.HasStarts);
        Assert.True(_delivery.IsEmpty);
    }

    [Fact]
    public void Load_WhatWasWritten_AndWhatHasNoStarts()
    {
        _delivery.TryBegin(["b"], [At("t", (0, 20))]);
        var loaded = new SessionDelivery();

        Assert.True(loaded.TryLoad(_delivery.ToMessage()));
        Assert.Equal(_delivery.ToMessage(), loaded.ToMessage());

        var older = new SessionDelivery();
        Assert.True(older.TryLoad(new() { Progress = { At("t", (0, 10)) } }));
        Assert.False(older.HasStarts);
    }

    [Fact]
    public void Load_StartThatIsNoProgress_FromAlways_TheRestCounts()
    {
        var loaded = new SessionDelivery();

        Assert.False(loaded.TryLoad(new()
        {
            Progress = { At("t", (0, 10)) },
            Starts = { new MqttFilterStart { Filters = { "b" }, Start = { new MqttTopicProgress { Topic = "t", Progress = ByteString.CopyFromUtf8("no") } } } },
        }));

        Assert.Equal(new() { Progress = { At("t", (0, 10)) } }, loaded.ToMessage());
    }

    [Fact]
    public void Apply_StartsAreTheOwnersAlone()
    {
        _delivery.TryApply(new() { Starts = { Start(["b"], At("t", (0, 20))) } });

        Assert.False(_delivery.HasStarts);
    }

    internal static MqttTopicProgress At(string topic, params (int Partition, long Offset)[] at) => new()
    {
        Topic = topic,
        Progress = ByteString.CopyFrom(KafkaProgress.Create([.. at.Select(a => new PartitionOffset(a.Partition, a.Offset))]).Encode()),
    };

    private static MqttFilterStart Start(string[] filters, params MqttTopicProgress[] start) => new() { Filters = { filters }, Start = { start } };
}
