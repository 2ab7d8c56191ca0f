namespace Zilla.EdgeMqtt.Packets;

/// <summary>Whether encoded properties may stand where they do (§2.2.2.2).</summary>
internal static class PropertyCheck
{
    public static bool IsSound(MqttProperties properties, PropertyPlace place, out MqttError error)
    {
        error = default;
        var seen = 0UL;
        var encoded = properties.Encoded.Span;
        var cursor = new PropertyCursor(encoded);
        while (cursor.MoveNext())
        {
            if ((cursor.Rule.Places & place) == 0)
            {
                error = MqttError.Malformed($"{cursor.Id} is not a property of this packet (2.2.2.2)");
                return false;
            }

            var bit = 1UL << (int)cursor.Id;
            if ((seen & bit) != 0 && !MayRepeat(cursor.Id, place))
            {
                error = MqttError.Protocol($"{cursor.Id} more than once (2.2.2.2)");
                return false;
            }

            seen |= bit;
            if (FindFault(cursor, encoded) is { } fault)
            {
                error = fault;
                return false;
            }
        }

        if (cursor.IsMalformed)
        {
            error = MqttError.Malformed("a property is unknown or cut short (2.2.2.2)");
            return false;
        }

        // 3.1.2.11.10, 3.2.2.3.18, 3.15.2.2.3
        if ((seen & (1UL << (int)PropertyId.AuthenticationData)) != 0 && (seen & (1UL << (int)PropertyId.AuthenticationMethod)) == 0)
        {
            error = MqttError.Protocol("authentication data without an authentication method (3.1.2.11.10)");
            return false;
        }

        return true;
    }

    /// <summary>Only user properties, and the subscription identifiers of a PUBLISH that meets several subscriptions (3.3.2.3.8).</summary>
    private static bool MayRepeat(PropertyId id, PropertyPlace place) =>
        id == PropertyId.UserProperty || (id == PropertyId.SubscriptionIdentifier && place == PropertyPlace.Publish);

    private static MqttError? FindFault(in PropertyCursor cursor, ReadOnlySpan<byte> encoded)
    {
        switch (cursor.Rule.Type)
        {
            case PropertyType.Binary:
                return null;
            case PropertyType.String or PropertyType.StringPair:
                if (!MqttString.IsWellFormed(encoded[cursor.First]) || (cursor.Rule.Type == PropertyType.StringPair && !MqttString.IsWellFormed(encoded[cursor.Second])))
                {
                    return MqttError.Malformed($"{cursor.Id} is not well-formed UTF-8 (MQTT-1.5.4-1, 1.5.4-2, 1.5.7-1)");
                }

                return cursor.Id == PropertyId.ResponseTopic && !TopicName.IsWellFormed(encoded[cursor.First])
                    ? MqttError.Protocol("the response topic is empty or has wildcards (MQTT-3.3.2-14, 4.7.3-1)")
                    : null;
            default:
                if (cursor.Number >= cursor.Rule.Minimum && cursor.Number <= cursor.Rule.Maximum)
                {
                    return null;
                }

                // 3.14.2.1 has a code of its own for aliases.
                return cursor.Id == PropertyId.TopicAlias
                    ? new(ReasonCode.TopicAliasInvalid, "topic alias 0 (MQTT-3.3.2-8)")
                    : MqttError.Protocol($"{cursor.Id} has a value that is not allowed (see its clause under 3)");
        }
    }
}
