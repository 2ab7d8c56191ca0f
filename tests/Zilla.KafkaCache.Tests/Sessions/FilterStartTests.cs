using System.Text;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions;

/// <summary>From where on the filters of a session apply: what its owner writes and the next one reads.</summary>
public sealed class FilterStartTests : IDisposable
{
    private readonly OwnedSpace _space = new();

    public void Dispose() => _space.Dispose();

    [Fact]
    public async Task Subscribe_WhileBehind_TheNextConnectionIsToldWhere_WhoeverOwnsTheSession()
    {
        var client = await ConnectAsync();
        await client.SubscribeAsync(Later(20, "b", "c"));
        Assert.Equal("b c 20", await NextStartsAsync());

        _space.FailOver();

        Assert.Equal("b c 20", await NextStartsAsync());
    }

    [Fact]
    public async Task Subscribe_AndItsStart_AreOneTransaction()
    {
        var client = await ConnectBehindAsync();

        Assert.Equal(["c", "c#progress"], _space.Partition.Commits[^1].Select(record => Encoding.UTF8.GetString(record.Key!)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Subscribe_WhereTheSessionIs_ItsRecordDoesNotGrow()
    {
        var client = await ConnectAsync();
        var before = Record("c");

        await client.SubscribeAsync(Later(10, "b"));

        Assert.Equal(before, Record("c"));
        Assert.Equal("", await NextStartsAsync());
    }

    [Fact]
    public async Task Report_PassesTheStart_TheRecordIsAsSmallAsBefore()
    {
        var client = await ConnectAsync();
        var before = Record("c").Length;
        await client.SubscribeAsync(Later(20, "b"));
        Assert.True(Record("c").Length > before);

        client.Report("messages", 20);
        await _space.AdvanceAsync(1);

        Assert.Equal(before, Record("c").Length);
        Assert.Equal("", await NextStartsAsync());
    }

    [Fact]
    public async Task Subscribe_FilterIsThere_KeepsItsStart()
    {
        var client = await ConnectBehindAsync();

        await client.SubscribeAsync(Later(30, "a", "b"));

        Assert.Equal("b 20", await NextStartsAsync());
    }

    [Fact]
    public async Task Subscribe_FilterWasOfQoS0_BeginsNow()
    {
        var client = await ConnectAsync();
        var change = Later(20, "b");
        change.Added[0].Qos = 0;
        await client.SubscribeAsync(change);

        await client.SubscribeAsync(Later(30, "b"));

        Assert.Equal("b 30", await NextStartsAsync());
    }

    [Fact]
    public async Task Unsubscribe_ThenSubscribe_IsANewStart()
    {
        var client = await ConnectBehindAsync();

        await client.SubscribeAsync(new MqttSubscribe { Removed = { "b" } });
        Assert.Equal("", Starts(await _space.ConnectAsync("c", expiry: 60, connection: client.Connection, again: true)));

        client = await _space.ConnectAsync("c", expiry: 60);
        await client.SubscribeAsync(Later(30, "b"));
        Assert.Equal("b 30", await NextStartsAsync());
    }

    [Fact]
    public async Task Unsubscribe_TheLastOfTheTopic_TheNextBeginsThereAlone()
    {
        var client = await ConnectBehindAsync();

        await client.SubscribeAsync(new MqttSubscribe { Removed = { "a", "b" }, Forget = { "messages" } });
        Assert.DoesNotContain("c#progress", _space.Keys);
        await client.SubscribeAsync(First(30, "b"));

        Assert.Equal("", await NextStartsAsync());
    }

    /// <summary>The session knows a progress that the edge has no use for, since the filter that needs it is not in force there.</summary>
    [Fact]
    public async Task Subscribe_StartOfATopicThatTheSessionIsBehindIn_IsThatOfTheFilter()
    {
        var client = await ConnectAsync();

        await client.SubscribeAsync(First(20, "b"));

        Assert.Equal("b 20", await NextStartsAsync());
    }

    [Fact]
    public async Task Subscribe_SentAgainToTheNextOwner_ChangesNothing()
    {
        var client = await ConnectBehindAsync();
        _space.FailOver();

        var again = await _space.ConnectAsync("c", expiry: 60, connection: client.Connection, again: true);
        await again.SubscribeAsync(Later(20, "b"));

        Assert.Equal("b 20", await NextStartsAsync());
    }

    [Fact]
    public async Task CleanStart_NothingIsLeft()
    {
        var client = await ConnectBehindAsync();
        await client.EndAsync(How.Lost);

        Assert.Null((await _space.ConnectAsync("c", clean: true)).Answer.Delivery);
        await Eventually.HoldsAsync(() => !_space.Keys.Contains("c#progress"));
    }

    /// <summary>A client whose session is at 10 in the topic, by its filter "a".</summary>
    private async Task<SessionConnection> ConnectAsync()
    {
        var client = await _space.ConnectAsync("c", expiry: 60);
        await client.SubscribeAsync(First(10, "a"));
        return client;
    }

    /// <summary>The same, which has then subscribed to "b" where the topic was at 20.</summary>
    private async Task<SessionConnection> ConnectBehindAsync()
    {
        var client = await ConnectAsync();
        await client.SubscribeAsync(Later(20, "b"));
        return client;
    }

    /// <summary>What the next connection of the client is told.</summary>
    private async Task<string> NextStartsAsync() => Starts(await _space.ConnectAsync("c", expiry: 60));

    private byte[] Record(string clientId) => _space.Partition.Commits.SelectMany(commit => commit).Last(record => record.Key.AsSpan().SequenceEqual(SessionKeys.Progress(clientId))).Value!;

    /// <summary>"filters offset", those of partition 0.</summary>
    private static string Starts(SessionConnection client) => string.Join(", ", (client.Answer.Delivery?.Starts ?? []).Select(start =>
        $"{string.Join(' ', start.Filters.Order())} {(KafkaProgress.TryDecode(Assert.Single(start.Start).Progress.Span, out var at) ? at[0] : null)}"));

    /// <summary>As an edge says it that has nothing of the topic for the client yet.</summary>
    private static MqttSubscribe First(long at, params string[] filters) =>
        new() { Added = { filters.Select(Filter) }, Start = { SessionDeliveryTests.At("messages", (0, at)) } };

    /// <summary>As an edge says it that sends the client something of the topic.</summary>
    private static MqttSubscribe Later(long at, params string[] filters) =>
        new() { Added = { filters.Select(Filter) }, FilterStart = { SessionDeliveryTests.At("messages", (0, at)) } };

    private static MqttSubscription Filter(string filter) => new() { Filter = filter, Qos = 1 };
}
