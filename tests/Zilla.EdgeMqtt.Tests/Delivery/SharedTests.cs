using Zilla.Edge.Tests.Fakes;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>Shared subscriptions (§4.8.2), as far as one client of the group goes.</summary>
public sealed class SharedTests : IAsyncLifetime
{
    private readonly Broker _broker = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Subscribe_QoS2_GrantedQoS1AndSettledByPuback()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 2 });
        Assert.Equal(ReasonCode.GrantedQoS1, await client.SubscribeAsync("$share/workers/jobs/+", qos: 2, identifier: 4));
        var share = client.Session.Shares["workers/jobs/+/messages"];
        Assert.Equal(("client", 2u), (share.Asked.ClientId, share.Asked.InFlight));

        foreach (var record in Published("jobs/1", qos: 2, count: 3))
        {
            share.Give(record.Decode());
        }

        var sent = await client.ReceiveAsync(2);
        Assert.All(sent, s => Assert.True(s is { QualityOfService: QualityOfService.AtLeastOnce, Identifiers: [4], Retain: false }));
        Assert.Empty(share.Settled);
        client.Acknowledge(sent[1]);
        await client.ReceiveAsync(3);
        Assert.Equal([(0, 1L)], share.Settled);
    }

    [Fact]
    public async Task Subscribe_WhatNeedsNoAcknowledgement_SettledOnceSent()
    {
        await using var client = _broker.Connect(new FakeOutput { MaximumPacketSize = 60 });
        await client.SubscribeAsync("$share/g/#", qos: 1);
        var share = client.Session.Shares["g/#/messages"];

        _broker.Messages.Append(0, null, "no message");
        _broker.Publish("a", new string('x', 100), qos: 1);
        _broker.Publish("a", "0", qos: 0);
        foreach (var record in _broker.Messages.Records(0))
        {
            share.Give(record.Decode());
        }

        await client.ReceiveAsync(1);
        await Eventually.HoldsAsync(() => share.Settled.Count == 3);
    }

    [Fact]
    public async Task Unsubscribe_LeavesTheGroup()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("$share/g/a", qos: 1);

        await client.UnsubscribeAsync("$share/g/a");

        await Eventually.HoldsAsync(() => client.Session.Shares["g/a/messages"].IsDisposed);
    }

    [Fact]
    public async Task Subscribe_SessionDoesNotTakeIt_LeavesTheGroup()
    {
        await using var client = _broker.Connect();
        client.Session.BeforeDurable = () => throw new StreamBrokenException(Zilla.Streams.V1.Cause.Unavailable, "gone");

        await Assert.ThrowsAsync<StreamBrokenException>(() => client.SubscribeAsync("$share/g/a", qos: 1));

        Assert.True(client.Session.Shares["g/a/messages"].IsDisposed);
    }

    [Fact]
    public async Task Resume_EndsWhileItJoins_LeavesTheGroup()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("$share/g/a", qos: 1);
        await first.DisposeAsync();
        var joined = new TaskCompletionSource();
        var session = first.Session.Reattach();
        session.BeforeJoined = () => joined.Task;

        var ending = _broker.Connect(session: session).DisposeAsync().AsTask();
        joined.SetResult();
        await ending;

        Assert.True(session.Shares["g/a/messages"].IsDisposed);
    }

    [Fact]
    public async Task Resume_JoinsItsGroupsAgainAndLeavesWhatWasUnsettledToThem()
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("$share/g/a", qos: 1);
        first.Session.Shares["g/a/messages"].Give(Published("a", qos: 1, count: 1)[0].Decode());
        await first.ReceiveAsync(1);
        await first.DisposeAsync();
        Assert.True(first.Session.Shares["g/a/messages"].IsDisposed);
        Assert.Empty(first.Session.Sent);

        await using var second = _broker.Connect(session: first.Session.Reattach());
        await Eventually.HoldsAsync(() => second.Session.Shares.ContainsKey("g/a/messages"));
        second.Session.Shares["g/a/messages"].Give(_broker.Messages.Records(0)[0].Decode());

        await second.ReceiveAsync(1);
    }

    private IReadOnlyList<FakeRecord> Published(string topic, int qos, int count)
    {
        _broker.PublishNumbers(count, topic, qos);

        return _broker.Messages.Records(0);
    }
}
