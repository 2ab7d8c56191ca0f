namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>The value of <c>{client id}#expiry</c>: when the session ends. The same in all versions of the reference.</summary>
/// <remarks>
/// <code>
/// 01 │ text instance │ text client id │ delay:4 ms, -1 = never │ expire at:8 ms since the Unix epoch, -1 = the client is connected, or never │ seconds:4
/// </code>
/// The seconds are ours, behind the reference's structure, whose readers do not look there: 24 days are all that its delay can say.
/// </remarks>
/// <param name="Connection">What the reference calls an instance. Ours is the client's connection, the last one that there was.</param>
/// <param name="ClientId">As in the key.</param>
/// <param name="Expiry">Seconds after the connection; <see cref="uint.MaxValue"/> = never.</param>
/// <param name="ExpireAt">Milliseconds since the Unix epoch; -1: the client is connected, or never.</param>
internal sealed record ExpirySignalRecord(string? Connection, string ClientId, uint Expiry, long ExpireAt)
{
    private const byte Kind = 1;

    public byte[] Write() => new ReferenceWriter()
        .Byte(Kind)
        .Text(Connection)
        .Text(ClientId)
        .Int32(Expiry == uint.MaxValue ? -1 : (int)Math.Min(Expiry * 1000L, int.MaxValue))
        .Int64(ExpireAt)
        .Int32((int)Expiry)
        .ToArray();

    public static ExpirySignalRecord? Read(ReadOnlySpan<byte> record)
    {
        var reader = new ReferenceReader(record);
        if (!reader.TryReadByte(out var kind) || kind != Kind || !reader.TryReadText(out var connection) || !reader.TryReadText(out var clientId)
            || !reader.TryReadInt32(out var delay) || !reader.TryReadInt64(out var expireAt) || clientId is null)
        {
            return null;
        }

        var expiry = delay < 0 ? uint.MaxValue : ((uint)delay + 999) / 1000;
        if (!reader.AtEnd)
        {
            if (!reader.TryReadInt32(out var seconds) || !reader.AtEnd)
            {
                return null;
            }

            expiry = (uint)seconds;
        }

        return new(connection, clientId, expiry, expireAt);
    }
}
