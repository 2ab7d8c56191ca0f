using System.Text;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>What the connection that has a session asks of it: subscriptions, QoS 2 publishes, and how far it has been sent what it is subscribed to. Each method is applied as a step, in its turn.</summary>
internal sealed class SessionRequests(SessionState state, SessionContext context)
{
    /// <summary>When what waits for others is to be written at the latest; milliseconds since the Unix epoch, <see cref="long.MaxValue"/>: none waits.</summary>
    public long WriteAt { get; private set; } = long.MaxValue;

    /// <summary>Whatever had changed is about to be written.</summary>
    public void Written() => WriteAt = long.MaxValue;

    /// <summary>There is something to be written, with what comes next or by itself.</summary>
    public void WriteLater() => WriteAt = Math.Min(WriteAt, context.Now + (long)context.Options.ProgressDelay.TotalMilliseconds);

    /// <summary>False: the client asks for more than it may.</summary>
    public bool TrySubscribe(MqttSubscribe change)
    {
        if (change.ForgetWill && state.Will is not null)
        {
            state.SetWill(null);
        }

        var filters = state.Subscriptions.Keys.Except(change.Removed).Union(change.Added.Select(subscription => subscription.Filter)).ToList();
        if (filters.Count > context.Options.MaxSubscriptions || filters.Sum(filter => (long)Encoding.UTF8.GetByteCount(filter)) > context.Options.MaxFilterBytes)
        {
            return false;
        }

        var hadStarts = state.Delivery.HasStarts;
        Remove(change.Removed);
        var begun = Add(change.Added);
        foreach (var topic in change.Forget)
        {
            state.Delivery.Forget(topic);
        }

        var isSound = change.Start.All(state.Delivery.TryStart) && state.Delivery.TryBegin(begun, change.Start.Concat(change.FilterStart));
        var isOfFilters = change.Added.Count + change.Removed.Count > 0;
        var isMoved = change.Start.Count + change.Forget.Count > 0 || (isOfFilters && (hadStarts || state.Delivery.HasStarts));
        state.Changed |= (isOfFilters ? SessionRecords.Subscriptions : 0) | (isMoved ? SessionRecords.Progress : 0);
        return isSound;
    }

    /// <summary>A QoS 2 publish: message and packet id; nothing if the packet id waits for its PUBREL.</summary>
    public void Publish(ushort packetId, MqttRecord message, byte[] value, SessionStep step)
    {
        if (!state.Received.Add(packetId))
        {
            return;
        }

        step.Messages.Add(message, value);
        step.Undo = () => state.Received.Remove(packetId);
        step.Redo = () =>
        {
            state.Received.Add(packetId);
            state.Changed |= SessionRecords.Received;
        };
        state.Changed |= SessionRecords.Received;
    }

    /// <summary>PUBREL: the packet id is free.</summary>
    public void Release(ushort packetId)
    {
        if (state.Received.Remove(packetId))
        {
            state.Changed |= SessionRecords.Received;
        }
    }

    /// <summary>False: what it says is not sound.</summary>
    public bool TryDeliver(MqttDelivery delivery)
    {
        state.Changed |= SessionRecords.Progress;
        WriteLater();
        return state.Delivery.TryApply(delivery);
    }

    private void Remove(IEnumerable<string> filters)
    {
        foreach (var filter in filters)
        {
            state.Subscriptions.Remove(filter);
            state.Delivery.Remove(filter);
        }
    }

    /// <summary>Gives the filters that are new.</summary>
    private List<string> Add(IEnumerable<MqttSubscription> subscriptions)
    {
        List<string> begun = [];
        foreach (var subscription in subscriptions)
        {
            // [MQTT-3.8.4-4] What comes in place of another is for what that was for. One of QoS 0 was for nothing but what came while its client was there.
            if (!state.Subscriptions.TryGetValue(subscription.Filter, out var replaced) || replaced.Qos == 0)
            {
                state.Delivery.Remove(subscription.Filter);
                begun.Add(subscription.Filter);
            }

            state.Subscriptions[subscription.Filter] = subscription;
        }

        return begun;
    }
}
