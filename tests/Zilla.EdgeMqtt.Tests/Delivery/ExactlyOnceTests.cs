using Zilla.EdgeMqtt.Packets;
using Zilla.Streams.Kafka;
using Zilla.Testing;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>QoS 2 to clients (§4.3.3): nothing goes out that the session does not have.</summary>
public sealed class ExactlyOnceTests : IAsyncLifetime
{
    private readonly Broker _broker = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Publish_FullFlow_EachStepDurableFirst()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a", qos: 2);
        var durable = new TaskCompletionSource();
        client.Session.BeforeDurable = () => durable.Task;
        _broker.Publish("a", "1", qos: 2);
        await Eventually.HoldsAsync(() => client.Session.Recorded.Count == 1);
        Assert.Empty(client.Output.All);
        durable.SetResult();

        var sent = Assert.Single(await client.ReceiveAsync(1));
        durable = new();
        client.Acknowledge(sent);
        client.Acknowledge(sent);
        Assert.Equal([sent.PacketId], client.Session.Recorded.Last().Received.Select(id => (ushort)id));
        Assert.Single(client.Output.All);
        durable.SetResult();
        await Eventually.HoldsAsync(() => client.Output.All.Count == 2);
        Assert.Equal((PacketType.Pubrel, sent.PacketId), (client.Output.All[1].Type, client.Output.All[1].PacketId));

        client.Delivery.Acknowledge(PacketType.Pubcomp, sent.PacketId, ReasonCode.Success);
        _broker.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(client.Session.Sent);
        Assert.Equal(KafkaProgress.Of(0, 1), client.Session.ProgressOf("messages"));
    }

    [Fact]
    public async Task Publish_Many_FewSteps()
    {
        await using var client = _broker.Connect(new FakeOutput { ReceiveMaximum = 32 });
        await client.SubscribeAsync("a", qos: 2);
        var durable = new TaskCompletionSource();
        client.Session.BeforeDurable = () => durable.Task;
        _broker.PublishNumbers(33, "a", qos: 2);

        await Eventually.HoldsAsync(() => client.Session.Recorded.Count == 1);
        durable.SetResult();
        await client.ReceiveAsync(32);
        Assert.InRange(client.Session.Recorded.Count, 1, 3);

        var before = client.Session.Recorded.Count;
        durable = new();
        foreach (var sent in client.Output.Publishes)
        {
            client.Acknowledge(sent);
        }

        durable.SetResult();
        await Eventually.HoldsAsync(() => client.Output.All.Count(s => s.Type == PacketType.Pubrel) == 32);
        Assert.Equal(2, client.Session.Recorded.Count - before);
    }

    [Fact]
    public async Task Acknowledge_UnknownPubrec_AnsweredWithNotFound()
    {
        await using var client = _broker.Connect();

        client.Delivery.Acknowledge(PacketType.Pubrec, 77, ReasonCode.Success);
        client.Delivery.Acknowledge(PacketType.Puback, 78, ReasonCode.Success);
        client.Delivery.Acknowledge(PacketType.Pubcomp, 79, ReasonCode.Success);

        var answer = Assert.Single(client.Output.All);
        Assert.Equal((PacketType.Pubrel, (ushort)77, ReasonCode.PacketIdentifierNotFound), (answer.Type, answer.PacketId, answer.Reason));
    }

    [Fact]
    public async Task Publish_QoS1AndQoS2Mixed_TheSessionKnowsAllThatIsBelowItsProgress()
    {
        await using var client = _broker.Connect();
        await client.SubscribeAsync("a", qos: 2);
        _broker.Publish("a", "one", qos: 1);
        await client.ReceiveAsync(1);
        _broker.Publish("a", "two", qos: 2);
        await client.ReceiveAsync(2);

        Assert.Equal(KafkaProgress.Of(0, 2), client.Session.ProgressOf("messages"));
        Assert.Equal([0, 1], client.Session.Sent.Select(s => s.Offset));
    }
}
