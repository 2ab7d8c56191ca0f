namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>The value of <c>{client id}#will</c>: when the will is due. The same in all versions of the reference.</summary>
/// <remarks>
/// <code>
/// 00 │ text instance │ text client id │ delay:4 ms │ deliver at:8 ms since the Unix epoch, -1 = the client is connected │ text lifetime id │ text will id
/// </code>
/// </remarks>
/// <param name="Connection">What the reference calls an instance: whose will it is. Ours is the client's connection.</param>
/// <param name="ClientId">As in the key.</param>
/// <param name="Delay">After the connection; milliseconds.</param>
/// <param name="DeliverAt">Milliseconds since the Unix epoch; -1: the client is connected.</param>
/// <param name="LifetimeId">Names the message's record.</param>
/// <param name="WillId">Has to be the message's.</param>
internal sealed record WillSignalRecord(string? Connection, string ClientId, int Delay, long DeliverAt, string LifetimeId, string? WillId)
{
    private const byte Kind = 0;

    public byte[] Write() =>
        new ReferenceWriter().Byte(Kind).Text(Connection).Text(ClientId).Int32(Delay).Int64(DeliverAt).Text(LifetimeId).Text(WillId).ToArray();

    public static WillSignalRecord? Read(ReadOnlySpan<byte> record)
    {
        var reader = new ReferenceReader(record);
        return reader.TryReadByte(out var kind) && kind == Kind && reader.TryReadText(out var connection) && reader.TryReadText(out var clientId)
            && reader.TryReadInt32(out var delay) && reader.TryReadInt64(out var deliverAt) && reader.TryReadText(out var lifetimeId)
            && reader.TryReadText(out var willId) && reader.AtEnd && clientId is not null && lifetimeId is not null
            ? new(connection, clientId, delay, deliverAt, lifetimeId, willId)
            : null;
    }
}
