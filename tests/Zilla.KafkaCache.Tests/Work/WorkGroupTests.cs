using Zilla.KafkaCache.Work;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Work;

public sealed class WorkGroupTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly WorkTelemetry _telemetry;
    private readonly ManualTime _time = new();
    private readonly PartitionCalls _partition = new("calls", 0, null);
    private long _offset;

    public WorkGroupTests() => _telemetry = new(_meters);

    [Fact]
    public void RandomHistories_NoCallIsLostCutOrCommittedTooEarly()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            using var history = new WorkHistory(seed, seed % 2 == 0 ? PartitionCalls.Lookback : 8);
            history.Run(600);
            Assert.All(history.Calls, call => Assert.True(call.Times > 0, $"seed {seed}: {call.Id} at {call.Offsets[0]} was never made"));
            Assert.Equal((seed, history.Length), (seed, (int)history.Committed));
        }
    }

    [Fact]
    public async Task Call_IsGivenOnce_AndItsRecordsAsTheyCome()
    {
        var group = Group();
        var (one, other) = (new Edge(), new Edge());
        group.Join(one);
        group.Join(other);
        await Read(group, "a");
        await Read(group, "b");
        await Read(group, "a", isEnd: true);
        Assert.Equal([["a@0", "a@2"], ["b@1"]], new[] { one.Given, other.Given }.OrderByDescending(given => given.Count));
    }

    [Fact]
    public async Task EdgeLeaves_ItsCallBeginsAnewAtAnother_BeforeWhatIsNew()
    {
        var group = Group();
        var (one, other) = (new Edge { Calls = 1 }, new Edge { Calls = 1 });
        group.Join(one);
        await Read(group, "a");
        await Read(group, "b", isEnd: true);
        await Read(group, "a", isEnd: true);
        group.Leave(one);
        group.Join(other);
        Assert.Equal(["a@0", "a@2"], other.Given);
        group.Finish(group.Release(other, other.Calling("a"))!);
        Assert.Equal(["a@0", "a@2", "b@1"], other.Given);
        Assert.Equal((3, 1), group.Position(_partition));
    }

    [Fact]
    public async Task Done_OfAnEdgeWhoseCallIsAnothers_CountsForNothing()
    {
        var group = Group();
        var (one, other) = (new Edge(), new Edge());
        group.Join(one);
        await Read(group, "a", isEnd: true);
        var number = one.Calling("a");
        group.Leave(one);
        group.Join(other);
        Assert.Null(group.Release(one, number));
        Assert.Equal(0, group.Position(_partition).Committable);
    }

    [Fact]
    public async Task AnsweredBeforeItsEnd_TheRestIsNobodys()
    {
        var group = Group();
        var edge = new Edge();
        group.Join(edge);
        await Read(group, "a");
        group.Finish(group.Release(edge, edge.Calling("a"))!);
        await Read(group, "a");
        await Read(group, "a", isEnd: true);
        Assert.Equal(["a@0"], edge.Given);
        Assert.Equal(3, group.Position(_partition).Committable);

        await Read(group, "a");
        Assert.Equal(["a@0", "a@3"], edge.Given);
    }

    [Fact]
    public async Task EndDoesNotCome_GivenUpAfterTheTime()
    {
        var group = Group(idle: TimeSpan.FromMinutes(1));
        var edge = new Edge();
        group.Join(edge);
        await Read(group, "a");
        Wait(group, TimeSpan.FromSeconds(40));
        await Read(group, "a");
        Wait(group, TimeSpan.FromSeconds(40));
        Assert.Empty(edge.GivenUp);
        Wait(group, TimeSpan.FromSeconds(30));
        Assert.Equal(4u, Assert.Single(edge.GivenUp).Value?.Status);

        group.Finish(group.Release(edge, edge.Calling("a"))!);
        await Read(group, "a", isEnd: true);
        Assert.Equal(["a@0", "a@1"], edge.Given);
    }

    /// <summary>What of the time lies before its last record is not its own.</summary>
    [Fact]
    public async Task EndDoesNotCome_OnlyWhatLiesAfterTheLastRecordCounts()
    {
        var group = Group(idle: TimeSpan.FromMinutes(1));
        var edge = new Edge();
        group.Join(edge);
        var since = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(40));
        await Read(group, "a");
        _time.Advance(TimeSpan.FromSeconds(59));
        group.CountWaiting(_partition, since, _time.GetTimestamp());
        group.Sweep(_partition);
        Assert.Empty(edge.GivenUp);
        Wait(group, TimeSpan.FromSeconds(1));
        Assert.Single(edge.GivenUp);
    }

    [Fact]
    public async Task Refused_GoesToAnother_AndNeverBackToWhoRefused()
    {
        var group = Group();
        var (old, other) = (new Edge(), new Edge());
        group.Join(old);
        await Read(group, "a");
        await Read(group, "b", isEnd: true);
        group.Join(other);

        // Not the last: another is there, which is asked at once.
        Assert.False(group.Refuse(old, old.Calling("a"), "no route"));
        await Read(group, "a", isEnd: true);
        Assert.Equal([["a@0", "b@1"], ["a@0", "a@2"]], new[] { old.Given, other.Given });
        group.Finish(group.Release(other, other.Calling("a"))!);
        group.Finish(group.Release(old, old.Calling("b"))!);
        Assert.Equal((3, 3), group.Position(_partition));
    }

    [Fact]
    public async Task RefusedByAll_OthersGoOn_AndWhoComesLaterIsAsked()
    {
        var group = Group();
        var old = new Edge { Calls = 1 };
        group.Join(old);
        await Read(group, "a", isEnd: true);
        await Read(group, "b", isEnd: true);
        await Read(group, "c", isEnd: true);
        Assert.True(group.Refuse(old, old.Calling("a"), "no route"));
        Assert.False(group.Refuse(old, old.Calling("b"), "no route"));
        group.Finish(group.Release(old, old.Calling("c"))!);
        Assert.Equal(["a@0", "b@1", "c@2"], old.Given);
        Assert.Equal((3, 0), group.Position(_partition));

        // Nor is what they were refused by for ever: the edge comes back with another configuration.
        group.Leave(old);
        var renewed = new Edge();
        group.Join(renewed);
        Assert.Equal(["a@0", "b@1"], renewed.Given);
        Assert.Empty(renewed.GivenUp);
    }

    [Fact]
    public async Task RefusedByAll_ForTooLong_IsAnsweredByAnyOfThem()
    {
        var group = Group(unrouted: TimeSpan.FromMinutes(1));
        var old = new Edge();
        group.Join(old);
        await Read(group, "a", isEnd: true);
        group.Refuse(old, old.Calling("a"), "my words");
        _time.Advance(TimeSpan.FromSeconds(59));
        group.Sweep(_partition);
        Assert.Empty(old.GivenUp);
        _time.Advance(TimeSpan.FromSeconds(1));
        group.Sweep(_partition);
        Assert.Equal(["a@0", "a@0"], old.Given);
        var answer = Assert.Single(old.GivenUp).Value;
        Assert.Equal((12u, "No edge has had a route for the call within 00:01:00. my words"), (answer?.Status ?? 0, answer?.Reason));
        group.Finish(group.Release(old, old.Calling("a"))!);
        Assert.Equal((1, 1), group.Position(_partition));
    }

    /// <summary>Edges that are away say nothing of their routes.</summary>
    [Fact]
    public async Task RefusedByAll_ThatHaveGone_IsNotGivenUp()
    {
        var group = Group(unrouted: TimeSpan.FromMinutes(1));
        var old = new Edge();
        group.Join(old);
        await Read(group, "a", isEnd: true);
        group.Refuse(old, old.Calling("a"), "no route");
        group.Leave(old);
        _time.Advance(TimeSpan.FromHours(1));
        group.Sweep(_partition);
        var renewed = new Edge();
        group.Join(renewed);
        Assert.Equal(["a@0"], renewed.Given);
        Assert.Empty(renewed.GivenUp);
    }

    /// <summary>Who leaves had it: that nobody has a route for it now is news, once.</summary>
    [Fact]
    public async Task RefusedByAllThatAreLeft_IsSaid()
    {
        var group = Group();
        var (old, other, third) = (new Edge(), new Edge(), new Edge());
        group.Join(old);
        await Read(group, "a", isEnd: true);
        group.Join(other);
        Assert.False(group.Refuse(old, old.Calling("a"), "my words"));
        Assert.Equal("my words", group.Leave(other));
        group.Join(third);
        Assert.Equal(["a@0"], third.Given);
        Assert.Equal("my words", group.Leave(third));
        Assert.Null(group.Leave(third));
        Assert.Null(group.Leave(old));
    }

    /// <summary>Nobody was asked while an edge had it: that is no time without a route.</summary>
    [Fact]
    public async Task Refused_MadeElsewhereForLong_AndLost_TheTimeBeginsThen()
    {
        var group = Group(unrouted: TimeSpan.FromMinutes(1));
        var (old, other) = (new Edge(), new Edge());
        group.Join(old);
        await Read(group, "a", isEnd: true);
        group.Join(other);
        group.Refuse(old, old.Calling("a"), "no route");
        Assert.Equal(["a@0"], other.Given);
        Pass(group, TimeSpan.FromMinutes(6));
        group.Leave(other);
        group.Sweep(_partition);
        Pass(group, TimeSpan.FromSeconds(59));
        Assert.Empty(old.GivenUp);
        Pass(group, TimeSpan.FromSeconds(1));
        Assert.Equal(12u, Assert.Single(old.GivenUp).Value?.Status);
    }

    /// <summary>Whoever had the call and did not refuse it had a route.</summary>
    [Fact]
    public async Task RefusedByAll_ThenMadeAndLost_TheTimeBeginsAnew()
    {
        var group = Group(unrouted: TimeSpan.FromMinutes(1));
        var (old, other) = (new Edge(), new Edge());
        group.Join(old);
        await Read(group, "a", isEnd: true);
        group.Refuse(old, old.Calling("a"), "no route");
        Pass(group, TimeSpan.FromSeconds(50));
        group.Join(other);
        Pass(group, WorkRefusals.Heard);
        group.Leave(other);
        Pass(group, TimeSpan.FromSeconds(59));
        Assert.Empty(old.GivenUp);
        Pass(group, TimeSpan.FromSeconds(1));
        Assert.Single(old.GivenUp);
    }

    /// <summary>A restart loop: each edge that comes refuses it as well, or is gone before it has said so.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RefusedByAll_OthersComeAndGo_TheTimeGoesOn(bool refuse)
    {
        var group = Group(unrouted: TimeSpan.FromMinutes(1));
        var old = new Edge();
        group.Join(old);
        await Read(group, "a", isEnd: true);
        group.Refuse(old, old.Calling("a"), "no route");
        for (var round = 0; round < 6; round++)
        {
            Assert.Empty(old.GivenUp);
            var other = new Edge();
            group.Join(other);
            Assert.Equal(["a@0"], other.Given);
            if (refuse)
            {
                group.Refuse(other, other.Calling("a"), "no route");
            }

            group.Leave(other);
            Pass(group, TimeSpan.FromSeconds(10));
        }

        Assert.Single(old.GivenUp);
    }

    /// <summary>Nor does it for one that is alone and restarts; the time in which it is away counts for nothing.</summary>
    [Fact]
    public async Task RefusedByAll_ThatComeAndGo_OnlyTheirTimeCounts()
    {
        var group = Group(unrouted: TimeSpan.FromMinutes(1));
        await Read(group, "a", isEnd: true);
        for (var round = 0; round < 3; round++)
        {
            Pass(group, TimeSpan.FromMinutes(5));
            var edge = new Edge();
            group.Join(edge);
            Assert.Equal(["a@0"], edge.Given);
            group.Refuse(edge, edge.Calling("a"), "no route");
            Pass(group, TimeSpan.FromSeconds(20));
            Assert.Equal(round == 2 ? 1 : 0, edge.GivenUp.Count);
            group.Leave(edge);
        }
    }

    [Fact]
    public async Task RefusedByAll_PartitionLeaves_ItIsTheNextOwners()
    {
        var group = Group();
        var old = new Edge();
        group.Join(old);
        await Read(group, "a", isEnd: true);
        group.Refuse(old, old.Calling("a"), "no route");
        await group.DrainAsync(_partition, CancellationToken.None);
        group.Join(new Edge());
        Assert.Equal(["a@0"], old.Given);
        Assert.Equal(0, group.Position(_partition).Committable);
    }

    [Fact]
    public async Task Full_ReadsNoMore_UntilACallIsOver()
    {
        var group = Group(calls: 2);
        var edge = new Edge();
        group.Join(edge);
        await Read(group, "a", isEnd: true);
        var reading = Read(group, "b", isEnd: true);
        Assert.False(reading.IsCompleted);
        group.Finish(group.Release(edge, edge.Calling("a"))!);
        await reading;
        Assert.Empty(edge.GivenUp);
    }

    [Fact]
    public async Task Full_OfCallsThatWaitForWhatIsNotRead_TheLargestIsGivenUp()
    {
        var group = Group(bytes: 1000);
        var edge = new Edge();
        group.Join(edge);
        await Read(group, "a");
        var reading = Task.CompletedTask;
        while (reading.IsCompleted)
        {
            Assert.Empty(edge.GivenUp);
            reading = Read(group, "b");
        }

        Assert.Equal(("b", 8u), (edge.GivenUp.Single().Key.Id, edge.GivenUp.Single().Value?.Status ?? 0));
        group.Finish(group.Release(edge, edge.Calling("b"))!);
        await reading;
    }

    /// <summary>It became full while nothing was under way, and nothing that is under way now will ever move.</summary>
    [Fact]
    public async Task Full_BeforeAnEdgeWasThere_OneThatWaitsForWhatIsNotReadIsGivenUp()
    {
        var group = Group(calls: 3);
        await Read(group, "a");
        await Read(group, "b", isEnd: true);
        var reading = Read(group, "c", isEnd: true);
        Assert.False(reading.IsCompleted);
        var edge = new Edge { Calls = 1 };
        group.Join(edge);
        Assert.Equal(("a", 8u), (edge.GivenUp.Single().Key.Id, edge.GivenUp.Single().Value?.Status ?? 0));
        group.Finish(group.Release(edge, edge.Calling("a"))!);
        await reading;
        Assert.Equal(["a@0", "b@1"], edge.Given);
    }

    /// <summary>Likewise when the last is over that could have moved, and that made too little room.</summary>
    [Fact]
    public async Task Full_AlsoWhenOneIsOver_OneThatWaitsForWhatIsNotReadIsGivenUp()
    {
        var group = Group(calls: 2);
        var edge = new Edge();
        group.Join(edge);
        await Read(group, "a");
        Task[] reading = [Read(group, "b", isEnd: true), Read(group, "c")]; // of two topics
        Assert.Empty(edge.GivenUp);
        group.Finish(group.Release(edge, edge.Calling("b"))!);
        Assert.Equal("a", edge.GivenUp.Single().Key.Id);
        group.Finish(group.Release(edge, edge.Calling("a"))!);
        await Task.WhenAll(reading);
    }

    [Fact]
    public async Task Leaving_WaitsForWhatIsUnderWay_AndBeginsNothing()
    {
        var group = Group();
        var edge = new Edge { Calls = 1 };
        group.Join(edge);
        await Read(group, "a", isEnd: true);
        await Read(group, "b", isEnd: true);
        var draining = group.DrainAsync(_partition, CancellationToken.None);
        Assert.False(draining.IsCompleted);
        group.Finish(group.Release(edge, edge.Calling("a"))!);
        await draining;
        Assert.Equal(["a@0"], edge.Given);
        Assert.Equal(1, group.Position(_partition).Committable);
    }

    [Fact]
    public async Task Dropped_EdgesAreToldToWriteNothing()
    {
        var group = Group();
        var edge = new Edge();
        group.Join(edge);
        await Read(group, "a");
        group.Drop(_partition);
        Assert.Null(Assert.Single(edge.GivenUp).Value);
    }

    public void Dispose()
    {
        _telemetry.Dispose();
        _meters.Dispose();
    }

    private WorkGroup Group(int calls = 100, long bytes = 1 << 20, TimeSpan? idle = null, TimeSpan? unrouted = null) => new(new(calls, bytes, idle ?? TimeSpan.FromMinutes(5), unrouted ?? TimeSpan.FromMinutes(5)), _telemetry, _time);

    private void Pass(WorkGroup group, TimeSpan time)
    {
        _time.Advance(time);
        group.Sweep(_partition);
    }

    /// <summary>As <see cref="Pass"/>, and all is read that comes.</summary>
    private void Wait(WorkGroup group, TimeSpan time)
    {
        var since = _time.GetTimestamp();
        _time.Advance(time);
        group.CountWaiting(_partition, since, _time.GetTimestamp());
        group.Sweep(_partition);
    }

    private Task Read(WorkGroup group, string id, bool isEnd = false) => group.AddAsync(_partition, Record(_offset++, isEnd), id, CancellationToken.None);

    private static KafkaRecord Record(long offset, bool isEnd)
    {
        var head = new KafkaRecordHead { Offset = offset, IsTombstone = isEnd };
        var encoded = KafkaRecordCodec.Encode(head, []);
        Assert.True(KafkaRecordCodec.TryRead(encoded, isEnd ? default : new byte[100], out var record));
        return record;
    }

    private sealed class Edge : IWorkMember
    {
        private readonly Dictionary<string, ulong> _numbers = [];

        public int Calls { get; init; } = 10;

        public List<string> Given { get; } = [];

        public Dictionary<WorkCall, WorkAnswer?> GivenUp { get; } = [];

        public ulong Calling(string id) => _numbers[id];

        public void Deliver(WorkCall call, KafkaRecord record)
        {
            _numbers[call.Id] = call.Number;
            Given.Add($"{call.Id}@{record.Offset}");
        }

        public void GiveUp(WorkCall call, WorkAnswer? answer) => GivenUp[call] = answer;
    }
}
