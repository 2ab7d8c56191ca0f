using Google.Protobuf;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>
/// What is known of a session beyond its connection: what its records say, changed in memory, and the records that are to be written for it. Read by
/// <see cref="SessionLoader"/>; a session's alone.
/// </summary>
internal sealed class SessionState(string clientId)
{
    private readonly HashSet<string> _oldWills = new(StringComparer.Ordinal);

    public string ClientId => clientId;

    public Dictionary<string, MqttSubscription> Subscriptions { get; } = new(StringComparer.Ordinal);

    public SessionDelivery Delivery { get; } = new();

    /// <summary>Packet ids of QoS 2 publishes of the client that wait for PUBREL.</summary>
    public HashSet<ushort> Received { get; } = [];

    /// <summary>Null: none, or none any more.</summary>
    public SessionWill? Will { get; private set; }

    /// <summary>The last that there was; null where no record says.</summary>
    public string? Connection { get; set; }

    /// <summary>Seconds after the connection.</summary>
    public uint Expiry { get; set; }

    /// <summary>Milliseconds since the Unix epoch; -1: the client is connected, or never.</summary>
    public long ExpireAt { get; set; } = -1;

    /// <summary>Which records there are.</summary>
    public SessionRecords Stored { get; set; }

    /// <summary>Which have to be written.</summary>
    public SessionRecords Changed { get; set; }

    /// <summary>There is a session to come back to, also when it is stored nowhere yet.</summary>
    public bool Exists { get; set; }

    /// <summary>The records say that the client is connected: nobody has seen it go.</summary>
    public bool IsConnected => Will is { DeliverAt: -1 } || ((Stored & SessionRecords.Expiry) != 0 && Expiry != uint.MaxValue && ExpireAt == -1);

    public void SetWill(SessionWill? will)
    {
        if (Will is { } old)
        {
            _oldWills.Add(old.LifetimeId);
        }

        if (will is not null)
        {
            _oldWills.Remove(will.LifetimeId);
        }

        Will = will;
        Changed |= SessionRecords.Will;
    }

    /// <summary>There is no session any more.</summary>
    public void End()
    {
        Subscriptions.Clear();
        Delivery.Clear();
        Received.Clear();
        SetWill(null);
        (Expiry, ExpireAt, Exists) = (0, -1, false);
        Changed = SessionRecords.All;
    }

    /// <summary>Adds the records that say what has changed; from then on it counts as written. Gives what <see cref="TakeBack"/> needs where it was not.</summary>
    public Unwritten Write(IOwnedPartition partition, List<TransactionRecord> records)
    {
        var unwritten = new Unwritten(Changed, Stored, [.. _oldWills], Will, Will?.Unwritten);
        void Put(SessionRecords which, byte[] key, byte[]? value, string? type = null)
        {
            if ((Changed & which) != 0 && (value is not null || (Stored & which) != 0))
            {
                records.Add(TransactionRecord.In(partition, key, value) with { Headers = type is null ? [] : [new(SessionKeys.TypeHeader, ByteString.CopyFromUtf8(type).ToByteArray())] });
                Stored = value is null ? Stored & ~which : Stored | which;
            }
        }

        Put(SessionRecords.Subscriptions, SessionKeys.State(clientId), Subscriptions.Count > 0 ? SubscriptionsRecord.Write(Subscriptions.Values) : null);
        Put(SessionRecords.Progress, SessionKeys.Progress(clientId), Delivery.IsEmpty ? null : ProgressRecord.Write(Delivery.ToMessage()));
        if ((Changed & SessionRecords.Received) != 0)
        {
            // What the reference had is in ours from now on.
            Changed |= SessionRecords.Offsets;
        }

        Put(SessionRecords.Received, SessionKeys.Received(clientId), Received.Count > 0 ? ReceivedRecord.Write(Received) : null);
        Put(SessionRecords.Offsets, SessionKeys.Offsets(clientId), null);
        WriteWill(Put, partition, records);

        // A session that ends with its connection and has stored nothing needs nothing that says so.
        var stores = (Stored & SessionRecords.Content) != 0;
        if (Exists && stores && (Stored & SessionRecords.Expiry) == 0)
        {
            Changed |= SessionRecords.Expiry;
        }

        Put(
            SessionRecords.Expiry,
            SessionKeys.Expiry(clientId),
            Exists && (Expiry > 0 || stores) ? new ExpirySignalRecord(Connection, clientId, Expiry, ExpireAt).Write() : null,
            SessionKeys.ExpirySignal);
        Changed = SessionRecords.None;
        return unwritten;
    }

    /// <summary>Nothing of it was written.</summary>
    public void TakeBack(Unwritten unwritten)
    {
        Changed |= unwritten.Changed;
        Stored |= unwritten.Stored;
        _oldWills.UnionWith(unwritten.OldWills);
        if (Will is not null && Will == unwritten.Will)
        {
            Will.Unwritten = unwritten.Message;
            _oldWills.Remove(Will.LifetimeId);
        }
    }

    /// <summary>What was to be written.</summary>
    internal sealed record Unwritten(SessionRecords Changed, SessionRecords Stored, string[] OldWills, SessionWill? Will, WillMessageRecord? Message);

    private void WriteWill(Action<SessionRecords, byte[], byte[]?, string?> put, IOwnedPartition partition, List<TransactionRecord> records)
    {
        if ((Changed & SessionRecords.Will) == 0)
        {
            return;
        }

        foreach (var lifetimeId in _oldWills)
        {
            records.Add(TransactionRecord.In(partition, SessionKeys.WillMessage(clientId, lifetimeId), null));
        }

        _oldWills.Clear();
        if (Will is { Unwritten: { } message })
        {
            var record = Will.Message.Clone();
            record.Value = ByteString.Empty;
            records.Add(TransactionRecord.In(partition, SessionKeys.WillMessage(clientId, Will.LifetimeId), message.Write()) with
            {
                Headers = [new(WillMessageRecord.RecordHeader, record.ToByteArray())],
            });
            Will.Unwritten = null;
        }

        put(
            SessionRecords.Will,
            SessionKeys.Will(clientId),
            Will is { } will ? new WillSignalRecord(Connection, clientId, will.Delay, will.DeliverAt, will.LifetimeId, will.WillId).Write() : null,
            SessionKeys.WillSignal);
    }
}

/// <summary>The records of a session, apart from the message of its will.</summary>
[Flags]
internal enum SessionRecords
{
    None = 0,
    Subscriptions = 1,
    Progress = 2,
    Received = 4,
    Offsets = 8,
    Expiry = 16,
    Will = 32,

    /// <summary>What a session is about, beside its signals.</summary>
    Content = Subscriptions | Progress | Received | Offsets,
    All = Content | Expiry | Will,
}
