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

    /// <summary>The stream of the connection that has the session; null: there is none now.</summary>
    public ISessionClient? Client { get; private set; }

    /// <summary>What it asks.</summary>
    public SessionRequests Requests { get; } = new(state, context);

    public bool IsIdle => Client is null && _goneAt < 0 && Requests.WriteAt == long.MaxValue;

    /// <summary>When something falls due; milliseconds since the Unix epoch.</summary>
    public long NextDue => Math.Min(Requests.WriteAt, Client is not null ? long.MaxValue : DueWithoutClient);

    private long DueWithoutClient =>
        _goneAt >= 0 ? _goneAt + context.GraceMs
        : state.IsConnected ? context.OwnedSince + context.GraceMs
        : Math.Min(OrNever(state.Will?.DeliverAt ?? -1), OrNever(state.ExpireAt));

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
