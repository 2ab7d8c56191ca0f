using Microsoft.Extensions.Logging.Abstractions;
using Zilla.DevKafka.Groups;
using Zilla.DevKafka.Log;
using Zilla.DevKafka.Wire;
using Zilla.Testing;

namespace Zilla.DevKafka.Tests.Groups;

public sealed class GroupCoordinatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly OffsetStore _offsets;
    private readonly GroupCoordinator _groups;

    public GroupCoordinatorTests()
    {
        var time = new ManualTime();
        _offsets = new OffsetStore(_folder.Path, new LogOptions(false, LogOptions.DefaultProducerExpiry, time, NullLogger.Instance));
        _groups = new GroupCoordinator(_offsets, new GroupOptions(time));
    }

    [Fact]
    public void Describe_OffsetsOnly_EmptyAndListed()
    {
        Commit("g", "t");
        Assert.Equal("Empty", _groups.Describe("g")!.State);
        Assert.Equal("g", Assert.Single(_groups.List()).Id);
        Assert.Null(_groups.Describe("other"));
    }

    [Fact]
    public async Task Delete_Members_NonEmptyThenGone()
    {
        var member = await JoinAsync("g");
        Commit("g", "t");
        Assert.Equal(ErrorCode.NonEmptyGroup, _groups.Delete("g"));

        _groups.Find("g")!.Leave(member, null);

        Assert.Equal(ErrorCode.None, _groups.Delete("g"));
        Assert.Equal(ErrorCode.GroupIdNotFound, _groups.Delete("g"));
        Assert.Empty(_offsets.All("g"));
    }

    [Fact]
    public async Task Sweep_NeitherMembersNorOffsets_Dropped()
    {
        await JoinAsync("with member");
        _groups.FindOrAdd("nothing");
        _groups.FindOrAdd("with offsets");
        Commit("with offsets", "t");

        _groups.Sweep();

        Assert.Null(_groups.Find("nothing"));
        Assert.NotNull(_groups.Find("with member"));
        Assert.NotNull(_groups.Find("with offsets"));
    }

    [Fact]
    public void ForgetTopic_Offsets_OfThatTopicOnly()
    {
        Commit("g", "gone");
        Commit("g", "kept");
        _groups.ForgetTopic("gone");
        Assert.Equal("kept", Assert.Single(_offsets.All("g")).Key.Topic);
    }

    [Fact]
    public void CheckCommit_GroupLostByARestart_MemberMustJoinAgain()
    {
        Assert.Equal(ErrorCode.UnknownMemberId, _groups.CheckCommit("g", "m", null, 3));
        Assert.Equal(ErrorCode.None, _groups.CheckCommit("g", "", null, -1));
    }

    public void Dispose()
    {
        _offsets.Dispose();
        _folder.Dispose();
    }

    private void Commit(string group, string topic) =>
        _offsets.Commit(group, [KeyValuePair.Create(new TopicPartition(topic, 0), (CommittedOffset?)new CommittedOffset(1, 0, "", 0))]);

    private async Task<string> JoinAsync(string group) => (await _groups.FindOrAdd(group).Join(new JoinRequest(
        "", null, "c", "/h", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), "consumer", [new("range", [])], MustKnowMember: false, CanSkipAssignment: false))).MemberId;
}
