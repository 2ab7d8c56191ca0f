using Zilla.KafkaCache.Work;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Work;

public sealed class WaitingWatchTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly TestMeters _meters = new();
    private readonly WorkTelemetry _telemetry;
    private readonly ManualTime _time = new();
    private readonly PartitionCalls _partition = new("calls", 0, null);
    private readonly WorkGroup _group;
    private readonly WaitingWatch _watch;
    private readonly Edge _edge = new();
    private long? _end = 1;
    private bool _isNothingBetween;

    public WaitingWatchTests()
    {
        _telemetry = new(_meters);
        _group = new(new(100, 1 << 20, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)), _telemetry, _time);
        _watch = new(_group, _time, _ => Task.FromResult(_end), (_, _, _, _) => Task.FromResult(_isNothingBetween));
        _group.Join(_edge);
        Read(0);
    }

    [Fact]
    public async Task Idle_IsGivenUp()
    {
        await PassAsync(TimeSpan.FromMinutes(5));
        Assert.False(_edge.HasGivenUp);
        await PassAsync(Interval);
        Assert.True(_edge.HasGivenUp);
    }

    [Fact]
    public async Task KafkaIsAway_ForLongerThanThat_TheCallGoesOn()
    {
        await PassAsync(TimeSpan.FromMinutes(4));
        _end = null;
        await PassAsync(TimeSpan.FromHours(1));
        _end = 1;
        await PassAsync(TimeSpan.FromSeconds(30));
        Assert.False(_edge.HasGivenUp);
        _end = 2;
        Read(1, isEnd: true);
        Assert.Equal([0, 1], _edge.Given);
        await PassAsync(TimeSpan.FromHours(1));
        Assert.False(_edge.HasGivenUp);
    }

    /// <summary>What has passed before it went away is not forgotten.</summary>
    [Fact]
    public async Task KafkaIsBack_AndNothingComes_IsGivenUp()
    {
        await PassAsync(TimeSpan.FromMinutes(4));
        _end = null;
        await PassAsync(TimeSpan.FromHours(1));
        _end = 1;
        await PassAsync(TimeSpan.FromSeconds(70));
        Assert.True(_edge.HasGivenUp);
    }

    [Fact]
    public async Task WhatIsThereIsNotReadYet_TheCallGoesOn_UntilItIs()
    {
        _end = 1000;
        await PassAsync(TimeSpan.FromHours(1));
        Assert.False(_edge.HasGivenUp);
        _group.PassTo(_partition, 1000);
        await PassAsync(TimeSpan.FromMinutes(4));
        Assert.False(_edge.HasGivenUp);
        await PassAsync(TimeSpan.FromMinutes(1) + Interval);
        Assert.True(_edge.HasGivenUp);
    }

    /// <summary>Records that are not for this reader, and marks of transactions.</summary>
    [Fact]
    public async Task WhatIsThereIsNotToBeRead_IsGivenUp()
    {
        (_end, _isNothingBetween) = (1000, true);
        await PassAsync(TimeSpan.FromMinutes(5) + Interval);
        Assert.True(_edge.HasGivenUp);
    }

    /// <summary>The reader is always a little behind: what counts is where the end was when it was asked before.</summary>
    [Fact]
    public async Task MoreAndMoreComes_IdleIsGivenUpAllTheSame()
    {
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(5) + Interval; passed += Interval)
        {
            _group.PassTo(_partition, _end!.Value);
            _end += 100;
            await PassAsync(Interval);
        }

        Assert.True(_edge.HasGivenUp);
    }

    public void Dispose()
    {
        _telemetry.Dispose();
        _meters.Dispose();
    }

    private async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Interval)
        {
            _time.Advance(Interval);
            await _watch.LookAsync([_partition], CancellationToken.None);
            _group.Sweep(_partition);
        }
    }

    private void Read(long offset, bool isEnd = false)
    {
        var encoded = KafkaRecordCodec.Encode(new() { Offset = offset, IsTombstone = isEnd }, []);
        Assert.True(KafkaRecordCodec.TryRead(encoded, default, out var record));
        Assert.True(_group.AddAsync(_partition, record, "a", CancellationToken.None).IsCompleted);
    }

    private sealed class Edge : IWorkMember
    {
        public int Calls => 10;

        public List<long> Given { get; } = [];

        public bool HasGivenUp { get; private set; }

        public void Deliver(WorkCall call, KafkaRecord record) => Given.Add(record.Offset);

        public void GiveUp(WorkCall call, WorkAnswer? answer) => HasGivenUp = true;
    }
}
