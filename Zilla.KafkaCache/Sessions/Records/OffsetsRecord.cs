namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>
/// The value of <c>{client id}#offsets</c>, which the reference has from version 2 on: the packet ids of QoS 2 publishes that wait for PUBREL, with what its producers
/// need. Read once, then replaced by <see cref="ReceivedRecord"/>.
/// </summary>
/// <remarks>
/// <code>
/// 01 │ list of │ text topic │ partition:4 │ consumed offset:8 │ producer id:8 │ producer epoch:2 │ sequence:4 │ packet ids:1, -1 = null │ packet id:2 … │
/// </code>
/// </remarks>
internal static class OffsetsRecord
{
    private const byte Version = 1;

    public static bool TryRead(ReadOnlySpan<byte> record, out List<ushort> packetIds)
    {
        packetIds = [];
        var reader = new ReferenceReader(record);
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadList(out var count, out var items) || !reader.AtEnd)
        {
            return false;
        }

        for (; count > 0; count--)
        {
            if (!items.TryReadText(out _) || !items.TryReadInt32(out _) || !items.TryReadInt64(out _) || !items.TryReadInt64(out _)
                || !items.TryReadUInt16(out _) || !items.TryReadInt32(out _) || !items.TryReadByte(out var ids))
            {
                return false;
            }

            for (var left = Math.Max(0, (int)(sbyte)ids); left > 0; left--)
            {
                if (!items.TryReadUInt16(out var id))
                {
                    return false;
                }

                packetIds.Add(id);
            }
        }

        return items.AtEnd;
    }
}
