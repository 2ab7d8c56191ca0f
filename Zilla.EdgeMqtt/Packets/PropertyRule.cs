namespace Zilla.EdgeMqtt.Packets;

internal enum PropertyType
{
    Byte,
    TwoByteInteger,
    FourByteInteger,
    VariableByteInteger,
    String,
    StringPair,
    Binary,
}

/// <summary>Where a property may stand; the will's are a place of their own.</summary>
[Flags]
internal enum PropertyPlace
{
    Will = 1,
    Connect = 1 << PacketType.Connect,
    Connack = 1 << PacketType.Connack,
    Publish = 1 << PacketType.Publish,
    Puback = 1 << PacketType.Puback,
    Pubrec = 1 << PacketType.Pubrec,
    Pubrel = 1 << PacketType.Pubrel,
    Pubcomp = 1 << PacketType.Pubcomp,
    Subscribe = 1 << PacketType.Subscribe,
    Suback = 1 << PacketType.Suback,
    Unsubscribe = 1 << PacketType.Unsubscribe,
    Unsuback = 1 << PacketType.Unsuback,
    Disconnect = 1 << PacketType.Disconnect,
    Auth = 1 << PacketType.Auth,

    Message = Publish | Will,
    Authentication = Connect | Connack | Auth,
    Answers = Connack | Puback | Pubrec | Pubrel | Pubcomp | Suback | Unsuback | Disconnect | Auth,
    Everywhere = Message | Connect | Answers | Subscribe | Unsubscribe,
}

/// <summary>One row of the table of §2.2.2.2, and the values that the property's own clause allows.</summary>
/// <param name="Type">How its value is encoded.</param>
/// <param name="Places">None: there is no such property.</param>
/// <param name="Minimum">Of a number.</param>
/// <param name="Maximum">Of a number; that it fits its bytes goes without saying.</param>
internal readonly record struct PropertyRule(PropertyType Type, PropertyPlace Places, uint Minimum = 0, uint Maximum = uint.MaxValue)
{
    public static PropertyRule Of(PropertyId id) => id switch
    {
        PropertyId.PayloadFormatIndicator => new(PropertyType.Byte, PropertyPlace.Message, 0, 1), // 3.3.2.3.2
        PropertyId.MessageExpiryInterval => new(PropertyType.FourByteInteger, PropertyPlace.Message),
        PropertyId.ContentType => new(PropertyType.String, PropertyPlace.Message),
        PropertyId.ResponseTopic => new(PropertyType.String, PropertyPlace.Message),
        PropertyId.CorrelationData => new(PropertyType.Binary, PropertyPlace.Message),
        PropertyId.SubscriptionIdentifier => new(PropertyType.VariableByteInteger, PropertyPlace.Publish | PropertyPlace.Subscribe, 1), // 3.8.2.1.2
        PropertyId.SessionExpiryInterval => new(PropertyType.FourByteInteger, PropertyPlace.Connect | PropertyPlace.Connack | PropertyPlace.Disconnect),
        PropertyId.AssignedClientIdentifier => new(PropertyType.String, PropertyPlace.Connack),
        PropertyId.ServerKeepAlive => new(PropertyType.TwoByteInteger, PropertyPlace.Connack),
        PropertyId.AuthenticationMethod => new(PropertyType.String, PropertyPlace.Authentication),
        PropertyId.AuthenticationData => new(PropertyType.Binary, PropertyPlace.Authentication),
        PropertyId.RequestProblemInformation => new(PropertyType.Byte, PropertyPlace.Connect, 0, 1), // 3.1.2.11.7
        PropertyId.WillDelayInterval => new(PropertyType.FourByteInteger, PropertyPlace.Will),
        PropertyId.RequestResponseInformation => new(PropertyType.Byte, PropertyPlace.Connect, 0, 1), // 3.1.2.11.6
        PropertyId.ResponseInformation => new(PropertyType.String, PropertyPlace.Connack),
        PropertyId.ServerReference => new(PropertyType.String, PropertyPlace.Connack | PropertyPlace.Disconnect),
        PropertyId.ReasonString => new(PropertyType.String, PropertyPlace.Answers),
        PropertyId.ReceiveMaximum => new(PropertyType.TwoByteInteger, PropertyPlace.Connect | PropertyPlace.Connack, 1), // 3.1.2.11.3
        PropertyId.TopicAliasMaximum => new(PropertyType.TwoByteInteger, PropertyPlace.Connect | PropertyPlace.Connack),
        PropertyId.TopicAlias => new(PropertyType.TwoByteInteger, PropertyPlace.Publish, 1), // [MQTT-3.3.2-8]
        PropertyId.MaximumQoS => new(PropertyType.Byte, PropertyPlace.Connack, 0, 1), // 3.2.2.3.4
        PropertyId.RetainAvailable => new(PropertyType.Byte, PropertyPlace.Connack, 0, 1), // 3.2.2.3.5
        PropertyId.UserProperty => new(PropertyType.StringPair, PropertyPlace.Everywhere),
        PropertyId.MaximumPacketSize => new(PropertyType.FourByteInteger, PropertyPlace.Connect | PropertyPlace.Connack, 1), // 3.1.2.11.4
        PropertyId.WildcardSubscriptionAvailable => new(PropertyType.Byte, PropertyPlace.Connack, 0, 1), // 3.2.2.3.11
        PropertyId.SubscriptionIdentifierAvailable => new(PropertyType.Byte, PropertyPlace.Connack, 0, 1), // 3.2.2.3.12
        PropertyId.SharedSubscriptionAvailable => new(PropertyType.Byte, PropertyPlace.Connack, 0, 1), // 3.2.2.3.13
        _ => default,
    };
}
