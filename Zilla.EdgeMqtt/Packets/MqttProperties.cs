namespace Zilla.EdgeMqtt.Packets;

/// <summary>
/// The properties of a packet (§2.2.2): a view of their encoded form, which has been checked when it was read. Each getter looks through it, so that
/// reading a packet allocates nothing; null where the packet does not say, for the default that the standard gives.
/// Made by a decoder or by <see cref="MqttPropertiesBuilder"/>; the default has none, and MQTT 3.1.1 never has any.
/// </summary>
/// <param name="Encoded">Without the length before it.</param>
internal readonly record struct MqttProperties(ReadOnlyMemory<byte> Encoded)
{
    public bool IsEmpty => Encoded.IsEmpty;

    /// <summary>0 unspecified bytes, 1 UTF-8.</summary>
    public byte? PayloadFormatIndicator => (byte?)Number(PropertyId.PayloadFormatIndicator);

    /// <summary>Seconds.</summary>
    public uint? MessageExpiryInterval => Number(PropertyId.MessageExpiryInterval);

    public MqttString? ContentType => Text(PropertyId.ContentType);

    public MqttString? ResponseTopic => Text(PropertyId.ResponseTopic);

    public ReadOnlyMemory<byte>? CorrelationData => Bytes(PropertyId.CorrelationData);

    /// <summary>Of SUBSCRIBE; a PUBLISH to a client may have several: <see cref="SubscriptionIdentifiers"/>.</summary>
    public uint? SubscriptionIdentifier => Number(PropertyId.SubscriptionIdentifier);

    /// <summary>Seconds; 0xFFFFFFFF never expires.</summary>
    public uint? SessionExpiryInterval => Number(PropertyId.SessionExpiryInterval);

    public MqttString? AssignedClientIdentifier => Text(PropertyId.AssignedClientIdentifier);

    /// <summary>Seconds.</summary>
    public ushort? ServerKeepAlive => (ushort?)Number(PropertyId.ServerKeepAlive);

    public MqttString? AuthenticationMethod => Text(PropertyId.AuthenticationMethod);

    public ReadOnlyMemory<byte>? AuthenticationData => Bytes(PropertyId.AuthenticationData);

    /// <summary>Default true: reason strings and user properties may be sent with any packet.</summary>
    public bool RequestProblemInformation => Number(PropertyId.RequestProblemInformation) is not 0;

    /// <summary>Seconds.</summary>
    public uint? WillDelayInterval => Number(PropertyId.WillDelayInterval);

    public bool RequestResponseInformation => Number(PropertyId.RequestResponseInformation) is 1;

    public MqttString? ResponseInformation => Text(PropertyId.ResponseInformation);

    public MqttString? ServerReference => Text(PropertyId.ServerReference);

    public MqttString? ReasonString => Text(PropertyId.ReasonString);

    /// <summary>Default 65,535.</summary>
    public ushort ReceiveMaximum => (ushort)(Number(PropertyId.ReceiveMaximum) ?? ushort.MaxValue);

    /// <summary>Default 0: no aliases.</summary>
    public ushort TopicAliasMaximum => (ushort)(Number(PropertyId.TopicAliasMaximum) ?? 0);

    public ushort? TopicAlias => (ushort?)Number(PropertyId.TopicAlias);

    /// <summary>Default 2.</summary>
    public QualityOfService MaximumQoS => (QualityOfService)(Number(PropertyId.MaximumQoS) ?? 2);

    public bool RetainAvailable => Number(PropertyId.RetainAvailable) is not 0;

    /// <summary>Bytes of a whole packet; null: no limit.</summary>
    public uint? MaximumPacketSize => Number(PropertyId.MaximumPacketSize);

    public bool WildcardSubscriptionAvailable => Number(PropertyId.WildcardSubscriptionAvailable) is not 0;

    public bool SubscriptionIdentifierAvailable => Number(PropertyId.SubscriptionIdentifierAvailable) is not 0;

    public bool SharedSubscriptionAvailable => Number(PropertyId.SharedSubscriptionAvailable) is not 0;

    /// <summary>In the order they were sent, repeats and all.</summary>
    public UserProperties UserProperties => new(Encoded);

    /// <summary>In the order they were sent. A new list.</summary>
    public IReadOnlyList<uint> SubscriptionIdentifiers
    {
        get
        {
            List<uint> found = [];
            var cursor = new PropertyCursor(Encoded.Span);
            while (cursor.MoveNext())
            {
                if (cursor.Id == PropertyId.SubscriptionIdentifier)
                {
                    found.Add(cursor.Number);
                }
            }

            return found;
        }
    }

    public bool Equals(MqttProperties other) => Encoded.Span.SequenceEqual(other.Encoded.Span);

    public override int GetHashCode() => Encoded.Length;

    // Not null below: text and arrays convert to what these return, and with them null to something empty.
    private uint? Number(PropertyId id) => TryFind(id, out var cursor) ? cursor.Number : null;

    private MqttString? Text(PropertyId id) => TryFind(id, out var cursor) ? new MqttString(Encoded[cursor.First]) : default(MqttString?);

    private ReadOnlyMemory<byte>? Bytes(PropertyId id) => TryFind(id, out var cursor) ? Encoded[cursor.First] : default(ReadOnlyMemory<byte>?);

    private bool TryFind(PropertyId id, out PropertyCursor cursor)
    {
        cursor = new(Encoded.Span);
        while (cursor.MoveNext())
        {
            if (cursor.Id == id)
            {
                return true;
            }
        }

        return false;
    }
}
