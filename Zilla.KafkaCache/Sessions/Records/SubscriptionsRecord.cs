using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>The value of a session's own key: what its client is subscribed to. The same in all versions of the reference.</summary>
/// <remarks>
/// <code>
/// 01 │ list of │ identifier:4 │ qos:1 │ flags:1 │ reason code:1 │ text filter │
/// flags: 01 send retained   02 retain as published   04 no local   08 retain (never written)   10 send retained if new (ours)
/// </code>
/// Filters have their <c>$share</c> prefix. An item with a reason code of 80 or more was refused and is no subscription.
/// </remarks>
internal static class SubscriptionsRecord
{
    private const byte Version = 1;
    private const byte SendRetained = 1;
    private const byte RetainAsPublished = 2;
    private const byte NoLocal = 4;
    private const byte SendRetainedIfNew = 16;

    public static byte[] Write(IReadOnlyCollection<MqttSubscription> subscriptions) => new ReferenceWriter().Byte(Version).List(subscriptions, Write).ToArray();

    public static bool TryRead(ReadOnlySpan<byte> record, out List<MqttSubscription> subscriptions)
    {
        subscriptions = [];
        var reader = new ReferenceReader(record);
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadList(out var count, out var items) || !reader.AtEnd)
        {
            return false;
        }

        for (; count > 0; count--)
        {
            if (!TryRead(ref items, out var subscription, out var reason))
            {
                return false;
            }

            if (reason < 0x80)
            {
                subscriptions.Add(subscription);
            }
        }

        return items.AtEnd;
    }

    private static void Write(ReferenceWriter writer, MqttSubscription subscription)
    {
        var flags = subscription.RetainHandling switch { 0 => SendRetained, 1 => SendRetainedIfNew, _ => 0 }
            | (subscription.RetainAsPublished ? RetainAsPublished : 0)
            | (subscription.NoLocal ? NoLocal : 0);
        writer.Int32((int)subscription.Identifier).Byte((byte)subscription.Qos).Byte((byte)flags).Byte(0).Text(subscription.Filter);
    }

    private static bool TryRead(ref ReferenceReader reader, out MqttSubscription subscription, out byte reason)
    {
        subscription = new();
        reason = 0;
        if (!reader.TryReadInt32(out var identifier) || !reader.TryReadByte(out var qos) || qos > 2 || !reader.TryReadByte(out var flags)
            || !reader.TryReadByte(out reason) || !reader.TryReadText(out var filter) || string.IsNullOrEmpty(filter))
        {
            return false;
        }

        subscription.Identifier = (uint)identifier;
        subscription.Qos = qos;
        subscription.Filter = filter;
        subscription.RetainHandling = (flags & SendRetained) != 0 ? 0u : (flags & SendRetainedIfNew) != 0 ? 1u : 2u;
        subscription.RetainAsPublished = (flags & RetainAsPublished) != 0;
        subscription.NoLocal = (flags & NoLocal) != 0;
        return true;
    }
}
