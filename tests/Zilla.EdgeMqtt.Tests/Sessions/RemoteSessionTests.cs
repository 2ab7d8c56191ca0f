using System.Buffers;
using System.Text;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Sessions;

/// <summary>An edge's session and its owner, with the streams between them.</summary>
public sealed class RemoteSessionTests : IAsyncLifetime
{
    private readonly SessionCluster _cluster = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Subscribe_ConnectionEndsAndComesBack_IsThere()
    {
        await using (var session = await _cluster.ConnectAsync("c", expiry: 60))
        {
            Assert.False(session.Attached.SessionPresent);
            await SubscribeAsync(session, "a/+", 1);
            await session.CloseAsync(Closed(), CancellationToken.None);
        }

        await using var again = await _cluster.ConnectAsync("c", expiry: 60);
        Assert.True(again.Attached.SessionPresent);
        Assert.Equal("a/+", Assert.Single(again.Attached.Subscriptions).Filter);
    }

    [Fact]
    public async Task Publish_QoS2_MessageAndPacketIdInOneTransaction()
    {
        await using var session = await _cluster.ConnectAsync("c");

        await PublishAsync(session, 7, "a", "hello");

        var commit = Assert.Single(_cluster.Partition.Commits, records => records.Any(record => record.Topic == "messages"));
        Assert.Equal("hello", Encoding.UTF8.GetString(commit.Single(record => record.Topic == "messages").Value!));
        Assert.Equal([1, 0, 7], commit.Single(record => Encoding.UTF8.GetString(record.Key!) == "c#received").Value!);
    }

    [Fact]
    public async Task Publish_PacketIdWaitsForPubrel_NothingIsWritten()
    {
        await using var session = await _cluster.ConnectAsync("c");
        await PublishAsync(session, 7, "a", "one");

        await PublishAsync(session, 7, "a", "one");
        await session.ReleaseAsync(7, CancellationToken.None);
        await PublishAsync(session, 7, "a", "two");

        Assert.Equal(["messages: a=one", "messages: a=two"], _cluster.Published());
    }

    [Fact]
    public async Task Publish_LargerThanAFrame_IsWhole()
    {
        await using var session = await _cluster.ConnectAsync("c");
        var value = new string('x', 300_000);

        await PublishAsync(session, 1, "a", value);

        Assert.Equal([$"messages: a={value}"], _cluster.Published());
    }

    [Fact]
    public async Task Publish_TopicOfNoRoute_EndsTheSession()
    {
        await using var session = await _cluster.ConnectAsync("c");

        await Assert.ThrowsAsync<SessionRefusedException>(() => session.PublishAsync(
            new() { PacketId = 1, Record = new() { Topic = "elsewhere", Record = new() } }, default, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(ReasonCode.ImplementationSpecificError, (await Eventually.CompletesAsync(session.Ended)).Reason);
    }

    [Fact]
    public async Task Publish_KafkaRefusesTheRecord_OnlyThatOneFails()
    {
        await using var session = await _cluster.ConnectAsync("c");
        _cluster.Partition.FailNext(new StreamBrokenException(Cause.InvalidRecord, "too large for the topic"));

        var refused = await Assert.ThrowsAsync<StreamBrokenException>(() => PublishAsync(session, 1, "a", "no"));
        await PublishAsync(session, 2, "a", "yes");
        await PublishAsync(session, 1, "a", "now");

        Assert.Equal(Cause.InvalidRecord, refused.Cause);
        Assert.Equal(["messages: a=yes", "messages: a=now"], _cluster.Published());
    }

    [Fact]
    public async Task Connect_SameClientElsewhere_TheFirstLosesItsSession()
    {
        await using var first = await _cluster.ConnectAsync("c", expiry: 60);
        await SubscribeAsync(first, "a", 1);

        await using var second = await _cluster.ConnectAsync("c", expiry: 60);

        Assert.Equal(ReasonCode.SessionTakenOver, (await Eventually.CompletesAsync(first.Ended)).Reason);
        Assert.True(second.Attached.SessionPresent);
        Assert.False(second.Ended.IsCompleted);
    }

    [Fact]
    public async Task Connect_CleanStart_NothingIsLeft()
    {
        await using (var first = await _cluster.ConnectAsync("c", expiry: 60))
        {
            await SubscribeAsync(first, "a", 1);
            await PublishAsync(first, 1, "a", "x");
            await first.CloseAsync(Closed(), CancellationToken.None);
        }

        await using var second = await _cluster.ConnectAsync("c", clean: true);

        Assert.False(second.Attached.SessionPresent);
        Assert.Empty(second.Attached.Subscriptions);
        Assert.Empty(second.Attached.Received);
    }

    [Fact]
    public async Task LaneLost_TheSameConnectionGoesOn_NothingIsAskedTwice()
    {
        await using var session = await _cluster.ConnectAsync("c", will: SessionCluster.Will("gone", "c"));
        await PublishAsync(session, 1, "a", "one");

        _cluster.Cut();
        await PublishAsync(session, 2, "a", "two");
        _cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await PublishAsync(session, 3, "a", "three");

        Assert.Equal(["messages: a=one", "messages: a=two", "messages: a=three"], _cluster.Published());
        Assert.False(session.Ended.IsCompleted);
    }

    [Fact]
    public async Task ForgetWill_ConnectionIsLost_NothingIsPublished_AlsoWhereTheOwnerDied()
    {
        var session = await _cluster.ConnectAsync("c", will: SessionCluster.Will("gone", "c"));

        var forgotten = session.SubscribeAsync(new() { ForgetWill = true }, CancellationToken.None);
        _cluster.FailOver();
        await forgotten.WaitAsync(TimeSpan.FromSeconds(30));
        await PublishAsync(session, 1, "a", "one");
        await session.CloseAsync(new() { How = MqttEndEx.Types.How.Lost }, CancellationToken.None);
        await session.DisposeAsync();

        Assert.Equal(["messages: a=one"], _cluster.Published());
    }

    [Fact]
    public async Task OwnerDies_UnansweredPublishIsInKafkaOnce()
    {
        await using var session = await _cluster.ConnectAsync("c", expiry: 60);
        await PublishAsync(session, 1, "a", "one");
        var before = _cluster.Published();
        _cluster.Partition.Hold();
        var publishing = PublishAsync(session, 2, "a", "two");
        await Eventually.HoldsAsync(() => _cluster.Partition.Held > 0);

        _cluster.FailOver();
        await publishing.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(["messages: a=one"], before);
        Assert.Equal(["messages: a=two"], _cluster.Published());
    }

    [Fact]
    public async Task Record_AndReport_AreThereForTheNextConnection()
    {
        await using (var session = await _cluster.ConnectAsync("c", expiry: 60))
        {
            await session.RecordAsync(Sent(3, 4), CancellationToken.None);
            session.Report(new() { Received = { 3 }, Settled = { 4 } });
            await session.CloseAsync(Lost(), CancellationToken.None);
        }

        await using var again = await _cluster.ConnectAsync("c", expiry: 60);
        var sent = Assert.Single(again.Attached.Delivery.Sent);
        Assert.Equal(3u, sent.PacketId);
        Assert.True(sent.Received);
    }

    [Fact]
    public async Task Record_PacketIdOfWhichAReportWaits_IsFreeBeforeItIsUsedAgain()
    {
        _cluster.EdgeOptions.ReportInterval = TimeSpan.FromHours(1);
        await using (var session = await _cluster.ConnectAsync("c", expiry: 60))
        {
            await session.RecordAsync(Sent(4), CancellationToken.None);
            session.Report(new() { Settled = { 4 } });
            await session.RecordAsync(Sent(4), CancellationToken.None);
            await session.CloseAsync(Lost(), CancellationToken.None);
        }

        await using var again = await _cluster.ConnectAsync("c", expiry: 60);
        Assert.Equal(4u, Assert.Single(again.Attached.Delivery.Sent).PacketId);
    }

    [Fact]
    public async Task Connect_NoOwner_RefusedInTime()
    {
        _cluster.Die();
        _cluster.EdgeOptions.OwnerTimeout = TimeSpan.FromMilliseconds(50);

        var refused = await Assert.ThrowsAsync<SessionRefusedException>(() => _cluster.ConnectAsync("c"));

        Assert.Equal(ReasonCode.ServerUnavailable, refused.Reason);
    }

    [Fact]
    public async Task Connect_NothingToKeep_WritesNothing()
    {
        await using (var session = await _cluster.ConnectAsync("c", clean: true))
        {
            await session.CloseAsync(Closed(), CancellationToken.None);
        }

        Assert.Empty(_cluster.Partition.Commits);
    }

    internal static MqttEndEx Closed() => new() { How = MqttEndEx.Types.How.Closed };

    internal static MqttEndEx Lost() => new() { How = MqttEndEx.Types.How.Lost };

    internal static Task SubscribeAsync(ISession session, string filter, uint qos) =>
        session.SubscribeAsync(new() { Added = { new MqttSubscription { Filter = filter, Qos = qos } } }, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

    internal static Task PublishAsync(ISession session, ushort packetId, string topic, string value) => session.PublishAsync(
        new() { PacketId = packetId, Record = SessionCluster.Message(topic) }, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(value)), CancellationToken.None)
        .WaitAsync(TimeSpan.FromSeconds(30));

    private static MqttDelivery Sent(params uint[] packetIds) => new() { Sent = { packetIds.Select(id => new MqttSent { PacketId = id, Topic = "messages", Offset = id, Qos = 2 }) } };
}
