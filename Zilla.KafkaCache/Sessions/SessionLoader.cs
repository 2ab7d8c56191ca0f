using Google.Protobuf;
using Zilla.Config.Plans;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Sessions.Records;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions;

/// <summary>Reads what is stored of a session. A record that cannot be read is logged, counts as absent, and is replaced when the session next writes it.</summary>
internal sealed class SessionLoader(IOwnedPartition partition, SessionsPlan plan, ILogger logger)
{
    /// <exception cref="Zilla.Streams.StreamBrokenException">The partition cannot be read now.</exception>
    public async Task<SessionState> LoadAsync(string clientId, CancellationToken cancellationToken)
    {
        var state = new SessionState(clientId);
        await ReadAsync(state, SessionRecords.Subscriptions, SessionKeys.State(clientId), value => TakeSubscriptions(state, value), cancellationToken);
        await ReadAsync(state, SessionRecords.Progress, SessionKeys.Progress(clientId), value => ProgressRecord.TryRead(value, out var delivery) && state.Delivery.TryLoad(delivery), cancellationToken);
        await ReadAsync(state, SessionRecords.Received, SessionKeys.Received(clientId), value => TakeReceived(state, ReceivedRecord.TryRead(value, out var ids) ? ids : null), cancellationToken);
        await ReadAsync(state, SessionRecords.Offsets, SessionKeys.Offsets(clientId), value => TakeReceived(state, OffsetsRecord.TryRead(value, out var ids) ? ids : null), cancellationToken);
        await ReadWillAsync(state, cancellationToken);

        // A session of the reference's without a signal stays until it is taken up; one of ours has none if it ends with its connection.
        state.Expiry = (state.Stored & ~SessionRecords.Will) != 0 ? uint.MaxValue : 0;
        await ReadAsync(state, SessionRecords.Expiry, SessionKeys.Expiry(clientId), value => TakeExpiry(state, value), cancellationToken);
        state.Exists = (state.Stored & ~SessionRecords.Will) != 0;
        return state;
    }

    private async Task ReadAsync(SessionState state, SessionRecords which, byte[] key, Func<byte[], bool> take, CancellationToken cancellationToken)
    {
        if (await partition.GetAsync(key, cancellationToken) is { } record)
        {
            state.Stored |= which;
            if (!take(record.Value))
            {
                SessionLog.RecordUnreadable(logger, partition.Topic, partition.Partition, which, state.ClientId);
            }
        }
    }

    private async Task ReadWillAsync(SessionState state, CancellationToken cancellationToken)
    {
        WillSignalRecord? signal = null;
        await ReadAsync(state, SessionRecords.Will, SessionKeys.Will(state.ClientId), value => (signal = WillSignalRecord.Read(value)) is not null, cancellationToken);
        if (signal is null)
        {
            return;
        }

        var stored = await partition.GetAsync(SessionKeys.WillMessage(state.ClientId, signal.LifetimeId), cancellationToken);
        if (stored is null || WillMessageRecord.Read(stored.Value) is not { } message || message.WillId != signal.WillId)
        {
            SessionLog.WillMissing(logger, partition.Topic, partition.Partition, state.ClientId);
            return;
        }

        state.SetWill(new(signal.LifetimeId, signal.WillId, signal.Delay, MessageOf(state, stored, message)) { DeliverAt = signal.DeliverAt });
        state.Changed = SessionRecords.None;
        state.Connection = signal.Connection;
    }

    private MqttRecord MessageOf(SessionState state, StoredRecord stored, WillMessageRecord message)
    {
        foreach (var (name, value) in stored.Headers)
        {
            if (name == WillMessageRecord.RecordHeader && value is not null)
            {
                try
                {
                    var record = MqttRecord.Parser.ParseFrom(value);
                    record.Value = ByteString.CopyFrom(message.Payload);
                    return record;
                }
                catch (InvalidProtocolBufferException)
                {
                    SessionLog.RecordUnreadable(logger, partition.Topic, partition.Partition, SessionRecords.Will, state.ClientId);
                }
            }
        }

        return WillMapping.Of(message, state.ClientId, plan);
    }

    private static bool TakeSubscriptions(SessionState state, byte[] value)
    {
        if (!SubscriptionsRecord.TryRead(value, out var subscriptions))
        {
            return false;
        }

        subscriptions.ForEach(subscription => state.Subscriptions[subscription.Filter] = subscription);
        return true;
    }

    private static bool TakeReceived(SessionState state, List<ushort>? packetIds)
    {
        state.Received.UnionWith(packetIds ?? []);
        return packetIds is not null;
    }

    private static bool TakeExpiry(SessionState state, byte[] value)
    {
        if (ExpirySignalRecord.Read(value) is not { } signal)
        {
            return false;
        }

        (state.Connection, state.Expiry, state.ExpireAt) = (signal.Connection, signal.Expiry, signal.ExpireAt);
        return true;
    }
}
