using System.Collections.Concurrent;
using Zilla.EdgeMqtt.Delivery;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Tests.Connections;

/// <summary>Deliveries that grant what is asked for, and remember it.</summary>
internal sealed class FakeDeliveries : IDeliveries
{
    public ConcurrentQueue<FakeDelivery> Opened { get; } = [];

    public FakeDelivery Last => Opened.Last();

    public IDelivery Create(ReadOnlyMemory<byte> clientId, IPacketOutput output, ISession session, IMessageTopics topics)
    {
        var delivery = new FakeDelivery(output);
        Opened.Enqueue(delivery);
        return delivery;
    }
}

internal sealed class FakeDelivery(IPacketOutput output) : IDelivery
{
    public IPacketOutput Output => output;

    public bool IsResumed { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>"filter qos identifier".</summary>
    public ConcurrentQueue<string> Subscribed { get; } = [];

    public ConcurrentQueue<(PacketType Type, int Id, ReasonCode Reason)> Acknowledged { get; } = [];

    public Exception? Failure { get; set; }

    public IEnumerable<MqttString> Filters => Subscribed.Select(s => (MqttString)s.Split(' ')[0]);

    public void Resume(Predicate<MqttString> isAllowed) => IsResumed = true;

    public async Task<ReasonCode[]> SubscribeAsync(IReadOnlyList<Subscription> subscriptions, uint identifier, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (Failure is not null)
        {
            throw Failure;
        }

        foreach (var subscription in subscriptions)
        {
            Subscribed.Enqueue($"{subscription.Filter.Text} {(int)subscription.MaximumQoS} {identifier}");
        }

        return [.. subscriptions.Select(subscription => (ReasonCode)subscription.MaximumQoS)];
    }

    public Task<ReasonCode[]> UnsubscribeAsync(IReadOnlyList<TopicFilter> filters, CancellationToken cancellationToken) =>
        Task.FromResult(filters.Select(filter => Subscribed.Any(s => s.StartsWith($"{filter.Text} ", StringComparison.Ordinal)) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted).ToArray());

    public void Acknowledge(PacketType type, ushort packetId, ReasonCode reason) => Acknowledged.Enqueue((type, packetId, reason));

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
