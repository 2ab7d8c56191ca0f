using System.Text;
using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Tests.Connections;
using Zilla.EdgeMqtt.Tests.Delivery;
using Zilla.EdgeMqtt.Tests.Packets;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Chapters;

/// <summary>Topic names and topic filters (§4.7): which filters there are, and which topics each matches, whatever way a message takes to its subscriber.</summary>
public sealed class WildcardTests : IAsyncLifetime
{
    private readonly Broker _broker = new();

    /// <summary>Filter, topic, whether it matches. The first are the standard's own.</summary>
    public static TheoryData<string, string, bool> Examples => new()
    {
        { "sport/tennis/player1/#", "sport/tennis/player1", true },
        { "sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true },
        { "sport/#", "sport", true },
        { "#", "a/b", true },
        { "sport/tennis/+", "sport/tennis/player1", true },
        { "sport/tennis/+", "sport/tennis/player1/ranking", false },
        { "sport/+", "sport", false },
        { "sport/+", "sport/", true },
        { "+/+", "/finance", true },
        { "/+", "/finance", true },
        { "+", "/finance", false },
        { "#", "$SYS/monitor", false },
        { "+/monitor/Clients", "$SYS/monitor/Clients", false },
        { "$SYS/#", "$SYS/monitor", true },
        { "$SYS/monitor/+", "$SYS/monitor/Clients", true },
        { "a/#", "a/$b", true },
        { "a", "A", false },
        { "a//b", "a//b", true },
        { "a//b", "a/b", false },
        { "a/+/b", "a//b", true },
        { "+/+", "/", true },
        { "/", "/", true },
        { "#", "/", true },
        { "#", "//", true },
        { "+/+", "//", false },
        { "/#", "/", true },
        { "/#", "a", false },
        { "+/", "a/", true },
        { "+/", "a", false },
        { "a/#", "a/", true },
        { "a/b", "a/b/", false },
        { "/a", "a", false },
        { "a/+/#", "a", false },
        { "a/+/#", "a/b", true },
        { "+/#", "a", true },
        { "+/#", "$SYS/x", false },
        { "#", "$", false },
        { "+", "$own", false },
        { "+/x", "$own/x", false },
        { "$own/+", "$own/x", true },
        { "$own/#", "$own", true },
        { "+/+/c", "a/$b/c", true },
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    // §4.7.1.2 and 4.7.1.3 have these as examples, valid and not.
    [Theory]
    [InlineData("sport/tennis/player1/#", true)]
    [InlineData("#", true)]
    [InlineData("sport/tennis/#", true)]
    [InlineData("sport/tennis#", false)]
    [InlineData("sport/tennis/#/ranking", false)]
    [InlineData("+", true)]
    [InlineData("+/tennis/#", true)]
    [InlineData("sport+", false)]
    [InlineData("sport/+/player1", true)]
    [InlineData("/finance", true)]
    [InlineData("+/+", true)]
    [InlineData("/+", true)]
    [InlineData("+a/b", false)]
    [InlineData("a/+b", false)]
    [InlineData("##", false)]
    [InlineData("#/", false)]
    [InlineData("++", false)]
    [InlineData("/", true)]
    [InlineData("", false)]
    [InlineData("$SYS/#", true)]
    [InlineData("$share", true)]
    public void TopicFilter_IsWellFormedAsTheStandardSays(string text, bool expected)
    {
        Assert.Equal(expected, TopicFilter.TryParse(text, MqttVersion.V5, out _));
        Assert.Equal(expected, TopicFilter.TryParse(text, MqttVersion.V311, out _));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Match_ExamplesOfTheStandard(string filter, string topic, bool matches)
    {
        var tree = new TopicFilterTree<string>();
        tree.Add(Encoding.UTF8.GetBytes(filter), filter);
        var found = new List<string>();

        tree.Match(Encoding.UTF8.GetBytes(topic), found);

        Assert.Equal(matches ? [filter] : [], found);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Publish_ToWhoIsThere_ArrivesIfItMatches(string filter, string topic, bool matches)
    {
        await using var live = _broker.Connect(clientId: "live");
        await using var queued = _broker.Connect(clientId: "queued");
        foreach (var (client, qos) in new[] { (live, 0), (queued, 1) })
        {
            await client.SubscribeAsync(filter, qos);
            await client.SubscribeAsync("the/end", qos);
        }

        PublishAll(topic);

        await ReceivesAsync(live, matches);
        await ReceivesAsync(queued, matches);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Publish_ToWhoIsAway_ArrivesIfItMatches(string filter, string topic, bool matches)
    {
        var away = _broker.Connect();
        await away.SubscribeAsync(filter, qos: 1);
        await away.SubscribeAsync("the/end", qos: 1);
        await away.DisposeAsync();
        PublishAll(topic);
        await using var back = _broker.Connect(session: away.Session.Reattach());

        await ReceivesAsync(back, matches);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Retained_IsSentIfItMatches(string filter, string topic, bool matches)
    {
        PublishAll(topic, into: _broker.RetainedMessages);
        await using var client = _broker.Connect();

        await client.Delivery.SubscribeAsync([Filters.Subscription(filter), Filters.Subscription("the/end")], 0, CancellationToken.None);

        await ReceivesAsync(client, matches);
    }

    /// <summary>The group that hands them out knows headers; whether a topic matches is for who has the message.</summary>
    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Shared_IsSentIfItMatches_AndSettledElse(string filter, string topic, bool matches)
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync($"$share/g/{filter}", qos: 1);
        var share = client.Session.Shares[$"g/{filter}/messages"];

        PublishAll(topic);
        foreach (var record in _broker.Messages.Records(0))
        {
            share.Give(record.Decode());
        }

        var expected = (matches ? 2 : 0) + (NaiveMatcher.Matches(filter, "the/end") ? 1 : 0);
        await Eventually.HoldsAsync(() => client.Output.Publishes.Count + share.Settled.Count == 3);
        Assert.Equal(expected, client.Output.Publishes.Count);
    }

    /// <summary>§4.7.2: no client speaks for the broker. Other topics with a <c>$</c> are for anybody to use.</summary>
    [Theory]
    [InlineData("$SYS", true)]
    [InlineData("$SYS/uptime", true)]
    [InlineData("$SYSTEM/uptime", false)]
    [InlineData("$own/x", false)]
    [InlineData("/", false)]
    [InlineData("//", false)]
    [InlineData("/a/", false)]
    [InlineData("a b/ ", false)]
    public async Task Publish_ToATopicWithDollarOrEmptyLevels(string topic, bool refused)
    {
        await using var edge = await TestEdge.StartAsync();
        await using var client = await edge.ConnectAsync();

        await client.PublishAsync(topic, "x", qos: 1, id: 1);

        Assert.Equal((PacketType.Puback, 1, refused ? ReasonCode.NotAuthorized : ReasonCode.Success), await client.AckAsync());
        Assert.Equal(refused ? [] : [topic], edge.Messages.Records(0).Select(record => Encoding.UTF8.GetString(record.Key!)));
    }

    /// <summary>Three messages: one with headers, one of a producer that knows nothing of MQTT, and one that always arrives.</summary>
    private void PublishAll(string topic, FakeTopic? into = null)
    {
        _broker.Publish(topic, "mqtt", qos: 1, into: into);
        _broker.Publish(topic, "plain", qos: null, into: into);
        _broker.Publish("the/end", "end", qos: 1, into: into);
    }

    private static async Task ReceivesAsync(Client client, bool matches)
    {
        await Eventually.HoldsAsync(() => client.Output.Payloads.Contains("end"));
        Assert.Equal(matches ? ["mqtt", "plain", "end"] : ["end"], client.Output.Payloads);
    }
}
