using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>
/// What happens to a session by the rules of MQTT (§3.1.2.4, §3.1.2.5, §3.1.2.11.2, §4.1): its connection begins, is lost, comes back, ends; the will, and the end of the
/// session. Each method is applied as a step, in its turn.
/// </summary>
internal sealed class SessionLife(SessionState state, SessionContext context)
{
    private long _goneAt = -1;
    private long _writeAt = long.MaxValue;

    /// <summary>The stream of the connection that has the session; null: there is none now.</summary>
    public ISessionClient? Client { get; private set; }

    public bool IsIdle => Client is null && _goneAt < 0 && _writeAt == long.MaxValue;

    /// <summary>When something falls due; milliseconds since the Unix epoch.</summary>
    public long NextDue => Math.Min(_writeAt, Client is not null ? long.MaxValue : DueWithoutClient);

    private long DueWithoutClient =>
        _goneAt >= 0 ? _goneAt + context.GraceMs
        : state.IsConnected ? context.OwnedSince + context.GraceMs
        : Math.Min(OrNever(state.Will?.DeliverAt ?? -1), OrNever(state.ExpireAt));

    /// <summary>Whatever had changed is about to be written.</summary>
    public void Written() => _writeAt = long.MaxValue;

    /// <summary>A connection takes the session, or the connection that has it comes with another stream.</summary>
    public void Attach(ISessionClient client, MqttConnect connect, SessionStep step)
    {
        var same = state.Connection == connect.Connection;
        if (connect.Again && state.Connection is not null && !same)
        {
            // It lost its stream, and another connection has had the session since.
            client.Break(new(Cause.TakenOver, "The client has connected elsewhere"));
            return;
        }

        var connected = Client is not null || _goneAt >= 0 || state.IsConnected;
        if (Client is { } former)
        {
            former.Break(same ? new(Cause.Cancelled, "The connection has another stream") : new(Cause.TakenOver, "The client has connected elsewhere"));
        }
        else
        {
            context.Telemetry.Connected.Add(1);
        }

        if (connected && !same)
        {
            context.Telemetry.Takeovers.Add(1);
            SessionLog.TakenOver(context.Logger, context.Partition.Topic, context.Partition.Partition, state.ClientId);
        }

        var present = connect.Again ? Resume(connect) : Begin(connect, connected, same, step);
        (Client, _goneAt) = (client, -1);
        var attached = new MqttAttached { SessionPresent = present, Delivery = state.Delivery.IsEmpty ? null : state.Delivery.ToMessage() };
        attached.Subscriptions.Add(state.Subscriptions.Values.Select(subscription => subscription.Clone()));
        attached.Received.Add(state.Received.Select(id => (uint)id));
        step.Done = failure =>
        {
            if (failure is null)
            {
                client.Attached(attached);
            }
            else
            {
                client.Break(failure);
            }
        };
    }

    /// <summary>False: the client asks for more than it may.</summary>
    public bool TrySubscribe(MqttSubscribe change)
    {
        if (change.ForgetWill && state.Will is not null)
        {
            state.SetWill(null);
        }

        var filters = state.Subscriptions.Keys.Except(change.Removed).Union(change.Added.Select(subscription => subscription.Filter)).ToList();
        if (filters.Count > context.Options.MaxSubscriptions || filters.Sum(filter => filter.Length * 3L) > context.Options.MaxFilterBytes * 3L)
        {
            return false;
        }

        var hadStarts = state.Delivery.HasStarts;
        foreach (var filter in change.Removed)
        {
            state.Subscriptions.Remove(filter);
            state.Delivery.Remove(filter);
        }

        List<string> begun = [];
        foreach (var subscription in change.Added)
        {
            // [MQTT-3.8.4-4] What comes in place of another is for what that was for. One of QoS 0 was for nothing but what came while its client was there.
            if (!state.Subscriptions.TryGetValue(subscription.Filter, out var replaced) || replaced.Qos == 0)
            {
                state.Delivery.Remove(subscription.Filter);
                begun.Add(subscription.Filter);
            }

            state.Subscriptions[subscription.Filter] = subscription;
        }

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
        _writeAt = Math.Min(_writeAt, context.Now + (long)context.Options.ProgressDelay.TotalMilliseconds);
        return state.Delivery.TryApply(delivery);
    }

    /// <summary>The connection has ended, and its edge says how.</summary>
    public void End(MqttEndEx end, SessionStep step)
    {
        if (end.How == MqttEndEx.Types.How.Leaving)
        {
            Lose();
            return;
        }

        if (end.HasExpiry && state.Expiry != 0)
        {
            (state.Expiry, state.Changed) = (end.Expiry, state.Changed | SessionRecords.Expiry);
        }

        if (end.How == MqttEndEx.Types.How.Closed && state.Will is not null)
        {
            state.SetWill(null);
        }

        Detach();
        Leave(context.Now, step);
    }

    /// <summary>The stream was lost, which says nothing about the client: it has a grace.</summary>
    public void Lose()
    {
        Detach();
        _goneAt = context.Now;
    }

    /// <summary>Does what is due.</summary>
    public void Wake(SessionStep step)
    {
        if (Client is not null || DueWithoutClient > context.Now)
        {
            return;
        }

        if (_goneAt >= 0 || state.IsConnected)
        {
            SessionLog.Gone(context.Logger, context.Partition.Topic, context.Partition.Partition, state.ClientId);
            Leave(_goneAt >= 0 ? _goneAt : context.OwnedSince, step);
        }
        else if (OrNever(state.ExpireAt) <= context.Now)
        {
            context.Telemetry.Expired.Add(1);
            SessionLog.Expired(context.Logger, context.Partition.Topic, context.Partition.Partition, state.ClientId);
            PublishWill(step);
            state.End();
        }
        else
        {
            PublishWill(step);
        }
    }

    /// <summary>The partition goes to another owner, or all that is known here is let go of.</summary>
    public void Release(StreamBrokenException why)
    {
        var client = Client;
        Detach();
        _goneAt = -1;
        client?.Break(why);
    }

    /// <summary>The same connection again, its stream having been lost: everything is as it was. A will that was published meanwhile is not armed again.</summary>
    private bool Resume(MqttConnect connect)
    {
        var present = state.Exists;
        if (!present)
        {
            (state.Exists, state.Expiry) = (true, connect.Expiry);
        }

        if (state.Connection is null || state.ExpireAt >= 0 || !present)
        {
            (state.Connection, state.ExpireAt, state.Changed) = (connect.Connection, -1, state.Changed | SessionRecords.Expiry);
        }

        if (state.Will is { DeliverAt: >= 0 } will)
        {
            (will.DeliverAt, state.Changed) = (-1, state.Changed | SessionRecords.Will);
        }

        return present;
    }

    /// <summary>A new connection. True: the session is one that was there.</summary>
    private bool Begin(MqttConnect connect, bool connected, bool same, SessionStep step)
    {
        var ends = connect.CleanStart || (connected ? !same && state.Expiry == 0 : OrNever(state.ExpireAt) <= context.Now);

        // The same once more: its first attempt was written and not answered, and what there is apart from the signals was there before.
        var present = !ends && (same && connected ? (state.Stored & SessionRecords.Content) != 0 : state.Exists);

        // §3.1.3.2.2: a new connection in time stops a will, unless the session ends with it, or the will was not to wait.
        if (!same && state.Will is { } will && (ends || (will.DeliverAt < 0 ? will.Delay == 0 : will.DeliverAt <= context.Now)))
        {
            PublishWill(step);
        }

        if (ends)
        {
            state.End();
        }

        (state.Exists, state.Connection, state.Expiry, state.ExpireAt) = (true, connect.Connection, connect.Expiry, -1);
        state.Changed |= SessionRecords.Expiry;
        if (state.Will is not null || connect.Will is not null)
        {
            state.SetWill(connect.Will is null ? null : SessionWill.Of(connect.Will, connect.Connection));
        }

        return present;
    }

    private void Detach()
    {
        if (Client is not null)
        {
            Client = null;
            context.Telemetry.Connected.Add(-1);
        }
    }

    /// <summary>The client counts as gone, since <paramref name="at"/>.</summary>
    private void Leave(long at, SessionStep step)
    {
        _goneAt = -1;
        if (state.Will is { } will)
        {
            var due = at + Math.Min(will.Delay, state.Expiry * 1000L);
            if (due <= context.Now || state.Expiry == 0)
            {
                PublishWill(step);
            }
            else
            {
                (will.DeliverAt, state.Changed) = (due, state.Changed | SessionRecords.Will);
            }
        }

        if (state.Expiry == 0)
        {
            state.End();
        }
        else if (state.Expiry != uint.MaxValue)
        {
            (state.ExpireAt, state.Changed) = (at + state.Expiry * 1000L, state.Changed | SessionRecords.Expiry);
        }
    }

    /// <summary>Once: message and tombstones are one transaction.</summary>
    private void PublishWill(SessionStep step)
    {
        if (state.Will is { } will)
        {
            step.Messages.Add(will.Message, will.Message.Value.ToByteArray());
            state.SetWill(null);
            context.Telemetry.Wills.Add(1);
        }
    }

    private static long OrNever(long at) => at < 0 ? long.MaxValue : at;
}
