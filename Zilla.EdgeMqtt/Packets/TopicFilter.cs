namespace Zilla.EdgeMqtt.Packets;

/// <summary>What a subscription asks for (§4.7, 4.8.2).</summary>
/// <remarks>
/// <code>
/// $share/{share name}/{filter}    in MQTT 5; in MQTT 3.1.1 a filter like any other
/// {filter}                        levels between "/"; "+" one whole level, "#" the rest, last only
/// </code>
/// </remarks>
/// <param name="Text">As it was sent; what UNSUBSCRIBE has to repeat character by character [MQTT-3.10.4-1].</param>
/// <param name="ShareName">Null: not a shared subscription.</param>
/// <param name="Filter">What is matched with topic names.</param>
internal readonly record struct TopicFilter(MqttString Text, MqttString? ShareName, MqttString Filter)
{
    private static ReadOnlySpan<byte> SharePrefix => "$share/"u8;

    public bool IsShared => ShareName is not null;

    /// <summary>False when it is not well formed; that it is sound UTF-8 is known by now.</summary>
    public static bool TryParse(MqttString text, MqttVersion version, out TopicFilter filter)
    {
        filter = new(text, null, text);
        if (version == MqttVersion.V5 && text.Span.StartsWith(SharePrefix))
        {
            // [MQTT-4.8.2-1] a name of at least one character without wildcards, [MQTT-4.8.2-2] then "/" and a filter.
            var rest = text.Utf8[SharePrefix.Length..];
            var end = rest.Span.IndexOf((byte)'/');
            if (end < 0 || !TopicName.IsWellFormed(rest.Span[..end]))
            {
                return false;
            }

            filter = new(text, new(rest[..end]), new(rest[(end + 1)..]));
        }

        return IsWellFormed(filter.Filter.Span);
    }

    private static bool IsWellFormed(ReadOnlySpan<byte> filter)
    {
        // [MQTT-4.7.3-1] at least one character.
        if (filter.IsEmpty)
        {
            return false;
        }

        for (var at = filter.IndexOfAny((byte)'#', (byte)'+'); at >= 0;)
        {
            // [MQTT-4.7.1-1] (3.1.1: 4.7.1-2) "#" alone or after "/", and last; [MQTT-4.7.1-2] (3.1.1: 4.7.1-3) "+" a whole level.
            var beginsLevel = at == 0 || filter[at - 1] == '/';
            var isLast = at == filter.Length - 1;
            if (!beginsLevel || !(isLast || (filter[at] == '+' && filter[at + 1] == '/')))
            {
                return false;
            }

            var next = filter[(at + 1)..].IndexOfAny((byte)'#', (byte)'+');
            at = next < 0 ? -1 : at + 1 + next;
        }

        return true;
    }
}
