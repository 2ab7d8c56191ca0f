using System.Collections.Concurrent;
using System.Diagnostics;
using Zilla.Edge.Tests.Fakes;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>The last span of a message's trace: whatever way it takes to a client.</summary>
public sealed class TraceTests : IAsyncLifetime
{
    private readonly Broker _broker = new();
    private readonly string _trace = ActivityTraceId.CreateRandom().ToHexString();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public TraceTests()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == "Zilla.Edge",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.OperationName == "deliver" && activity.TraceId.ToHexString() == _trace)
                {
                    _spans.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _listener.Dispose();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Live_OneForAllClients()
    {
        await using var one = _broker.Connect(clientId: "one");
        await using var two = _broker.Connect(clientId: "two");
        await one.SubscribeAsync("a", qos: 0);
        await two.SubscribeAsync("#", qos: 0);

        Publish("1");
        await one.ReceiveAsync(1);
        await two.ReceiveAsync(1);

        await ExpectAsync("live 2");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ClientComesBack_OneForWhatItHadNotSettled_AndOneForWhatWasPublishedMeanwhile(int qos)
    {
        var first = _broker.Connect();
        await first.SubscribeAsync("a", qos);
        Publish("unsettled", qos);
        await first.ReceiveAsync(1);
        await first.DisposeAsync();
        await Eventually.HoldsAsync(() => !_spans.IsEmpty);
        var live = Assert.Single(_spans).GetTagItem("mqtt.delivery"); // or history, if it had not yet joined the feed
        Publish("meanwhile", qos);
        await _broker.FeedIsAtTheEndAsync();

        await using var second = _broker.Connect(session: first.Session.Reattach());
        await second.ReceiveAsync(2);

        await ExpectAsync($"{live} 1", "history 1", "history 1");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Retained_OneForEachClientThatAsks(int qos)
    {
        Publish("kept", qos, _broker.RetainedMessages);
        await using var client = _broker.Connect();

        await client.SubscribeAsync("a", qos, retainHandling: 0);
        await client.ReceiveAsync(1);

        await ExpectAsync("retained 1");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Shared_OneForTheClientThatHasIt(int qos)
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("$share/g/a", qos: 1);
        Publish("1", qos);

        client.Session.Shares["g/a/messages"].Give(_broker.Messages.Records(0)[0].Decode());
        await client.ReceiveAsync(1);

        await ExpectAsync("shared 1");
    }

    private void Publish(string payload, int qos = 1, FakeTopic? into = null) => (into ?? _broker.Messages).Append(
        0, "a", payload, ("zilla:filter", "a"), ("zilla:qos", $"{qos}"), ("traceparent", $"00-{_trace}-00f067aa0ba902b7-01"));

    /// <summary>A span ends when its message has been sent, which its client may see before.</summary>
    private async Task ExpectAsync(params string[] expected)
    {
        await Eventually.HoldsAsync(() => _spans.Count >= expected.Length);
        Assert.Equal(expected, _spans.Select(span => $"{span.GetTagItem("mqtt.delivery")} {span.GetTagItem("mqtt.clients")}"));
        Assert.All(_spans, span => Assert.Equal(("00f067aa0ba902b7", "a"), (span.ParentSpanId.ToHexString(), span.GetTagItem("messaging.destination.name"))));
    }
}
