using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Wire;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Groups;

public sealed class GroupTests
{
    private readonly ManualTime _time = new();
    private readonly Group _group;

    public GroupTests() => _group = new Group("g", new GroupOptions(_time));

    [Fact]
    public async Task Join_FirstMemberWithoutId_ToldItsIdThenLeaderOfGenerationOne()
    {
        var told = await _group.Join(Request(""));
        Assert.Equal(ErrorCode.MemberIdRequired, told.Error);

        var joined = await _group.Join(Request(told.MemberId));

        Assert.Equal((ErrorCode.None, 1, told.MemberId), (joined.Error, joined.Generation, joined.Leader));
        Assert.Equal("range", joined.Protocol);
        Assert.Equal(told.MemberId, Assert.Single(joined.Members!).Id);
        Assert.Equal(GroupState.CompletingRebalance, _group.State);
    }

    [Fact]
    public async Task Join_SecondMember_FirstIsCalledBackAndBothGetGenerationTwo()
    {
        var first = await StableWithOneAsync();
        var second = Join(await IdAsync());

        Assert.False(second.IsCompleted);
        Assert.Equal(ErrorCode.RebalanceInProgress, _group.Heartbeat(first, null, 1));
        var again = await Join(first);

        Assert.Equal(2, again.Generation);
        Assert.Equal(2, again.Members!.Count);
        Assert.Equal((2, 0), ((await second).Generation, (await second).Members!.Count));
    }

    [Fact]
    public async Task Sync_FollowerFirst_WaitsForTheLeadersAssignment()
    {
        var (leader, follower) = await TwoJoinedAsync();
        var waiting = _group.Sync(Sync(follower, 2));
        Assert.False(waiting.IsCompleted);

        var own = await _group.Sync(Sync(leader, 2, (leader, 1), (follower, 2)));

        Assert.Equal([1], own.Assignment);
        Assert.Equal([2], (await waiting).Assignment);
        Assert.Equal(GroupState.Stable, _group.State);
        Assert.Equal([2], (await _group.Sync(Sync(follower, 2))).Assignment);
    }

    [Fact]
    public async Task Sync_WrongGeneration_Illegal()
    {
        var member = await StableWithOneAsync();
        Assert.Equal(ErrorCode.IllegalGeneration, (await _group.Sync(Sync(member, 7))).Error);
        Assert.Equal(ErrorCode.IllegalGeneration, _group.Heartbeat(member, null, 0));
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat("nobody", null, 1));
    }

    [Fact]
    public async Task Expire_MemberSilent_OthersRebalance()
    {
        var (leader, follower) = await TwoStableAsync();
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            _group.Heartbeat(leader, null, 2);
        }

        Assert.Equal(GroupState.PreparingRebalance, _group.State);
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat(follower, null, 2));
        Assert.Equal((3, 1), ((await Join(leader)).Generation, _group.Describe().Members.Count));
    }

    [Fact]
    public async Task Complete_MemberDoesNotRejoinInTime_GenerationWithoutIt()
    {
        var (leader, _) = await TwoStableAsync();
        var third = Join(await IdAsync());
        var rejoined = Join(leader);
        for (var i = 0; i < 12; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(3, (await rejoined).Generation);
        Assert.Equal(2, (await rejoined).Members!.Count);
        Assert.Equal(3, (await third).Generation);
    }

    [Fact]
    public async Task Sync_LeaderNeverAssigns_ThrownOutAndTheRestRebalances()
    {
        var (leader, follower) = await TwoJoinedAsync();
        var waiting = _group.Sync(Sync(follower, 2));

        for (var i = 0; i < 16; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            _group.Heartbeat(leader, null, 2); // alive, but at a loss
        }

        Assert.Equal(ErrorCode.RebalanceInProgress, (await waiting).Error);
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Heartbeat(leader, null, 2));
        Assert.Equal(follower, (await Join(follower)).Leader);
    }

    [Fact]
    public async Task Leave_LastMember_Empty()
    {
        var member = await StableWithOneAsync();
        Assert.Equal(ErrorCode.None, _group.Leave(member, null));
        Assert.Equal(GroupState.Empty, _group.State);
        Assert.Equal(ErrorCode.UnknownMemberId, _group.Leave(member, null));
        Assert.Equal(ErrorCode.None, _group.CheckCommit("", null, -1));
    }

    [Fact]
    public async Task CheckCommit_MembersPresent_OnlyTheirsAndOnlyThisGeneration()
    {
        var member = await StableWithOneAsync();
        Assert.Equal(ErrorCode.None, _group.CheckCommit(member, null, 1));
        Assert.Equal(ErrorCode.IllegalGeneration, _group.CheckCommit(member, null, 0));
        Assert.Equal(ErrorCode.UnknownMemberId, _group.CheckCommit("", null, -1));
    }

    [Fact]
    public async Task Join_StaticMemberComesBack_SameAssignmentNoRebalanceOldOneFenced()
    {
        var first = await _group.Join(Request("", instance: "i1"));
        await _group.Sync(Sync(first.MemberId, 1, (first.MemberId, 9)) with { InstanceId = "i1" });

        var back = await _group.Join(Request("", instance: "i1"));

        Assert.Equal((ErrorCode.None, 1), (back.Error, back.Generation));
        Assert.NotEqual(first.MemberId, back.MemberId);
        Assert.Equal([9], (await _group.Sync(Sync(back.MemberId, 1))).Assignment);
        Assert.Equal(ErrorCode.FencedInstanceId, _group.Heartbeat(first.MemberId, "i1", 1));
        Assert.Equal(ErrorCode.FencedInstanceId, (await _group.Join(Request(first.MemberId, instance: "i1"))).Error);
    }

    [Fact]
    public async Task Join_NoCommonStrategy_Inconsistent()
    {
        await StableWithOneAsync();
        var other = Request("") with { Protocols = [new("other", [])] };
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await _group.Join(other)).Error);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (await _group.Join(Request("") with { ProtocolType = "connect" })).Error);
    }

    [Theory]
    [InlineData(5_999)]
    [InlineData(1_800_001)]
    [InlineData(-1)]
    public async Task Join_SessionTimeoutOutOfBounds_Refused(int milliseconds) =>
        Assert.Equal(ErrorCode.InvalidSessionTimeout, (await _group.Join(Request("") with { SessionTimeout = TimeSpan.FromMilliseconds(milliseconds) })).Error);

    [Fact]
    public async Task Join_PendingIdNeverUsed_DoesNotHoldUpTheOthers()
    {
        var member = await StableWithOneAsync();
        await IdAsync(); // asks for an id and goes away
        var second = Join(await IdAsync());
        var again = Join(member);
        Assert.False(again.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(2, (await again).Generation);
        Assert.Equal(2, (await second).Generation);
    }

    [Fact]
    public async Task TryDelete_Members_NoThenDeadForAll()
    {
        var member = await StableWithOneAsync();
        Assert.False(_group.TryDelete());
        _group.Leave(member, null);
        Assert.True(_group.TryDelete());
        Assert.Equal(ErrorCode.CoordinatorNotAvailable, (await _group.Join(Request(""))).Error);
    }

    private async Task<string> IdAsync() => (await _group.Join(Request(""))).MemberId;

    private Task<JoinResult> Join(string member) => _group.Join(Request(member));

    private async Task<string> StableWithOneAsync()
    {
        var member = await IdAsync();
        await Join(member);
        await _group.Sync(Sync(member, 1, (member, 1)));
        return member;
    }

    private async Task<(string Leader, string Follower)> TwoJoinedAsync()
    {
        var leader = await StableWithOneAsync();
        var follower = await IdAsync();
        var joining = Join(follower);
        await Join(leader);
        await joining;
        return (leader, follower);
    }

    private async Task<(string Leader, string Follower)> TwoStableAsync()
    {
        var (leader, follower) = await TwoJoinedAsync();
        await _group.Sync(Sync(leader, 2, (leader, 1), (follower, 2)));
        await _group.Sync(Sync(follower, 2));
        return (leader, follower);
    }

    private static JoinRequest Request(string member, string? instance = null) => new(
        member, instance, "client", "/127.0.0.1", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), "consumer", [new("range", [1]), new("roundrobin", [1])],
        MustKnowMember: true, CanSkipAssignment: false);

    private static SyncRequest Sync(string member, int generation, params (string Member, byte Assignment)[] assignments) =>
        new(member, null, generation, null, null, assignments.ToDictionary(a => a.Member, a => new[] { a.Assignment }));
}
