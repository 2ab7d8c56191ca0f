namespace Zilla.Config.Bindings;

/// <summary><c>limits</c> of an mqtt server (ours, decision 20), each for one process; null = none.</summary>
public sealed record MqttLimits
{
    public const int DefaultPacket = 1_000_000;
    public const int DefaultReceiveMaximum = 1024;
    public const int DefaultTopicAliases = 32;

    /// <summary>Clients connected at once.</summary>
    public int? Clients { get; init; }

    /// <summary>PUBLISH of all clients together; <see cref="RateLimit.Requests"/> counts packets.</summary>
    public RateLimit? Rate { get; init; }

    /// <summary>Of one address, an IPv6 one standing for its /64.</summary>
    public RateLimit? RatePerAddress { get; init; }

    /// <summary>Of one identity, as a guard names it.</summary>
    public RateLimit? RatePerIdentity { get; init; }

    /// <summary>Bytes of the largest packet to be read, its header included: Maximum Packet Size.</summary>
    public int Packet { get; init; } = DefaultPacket;

    /// <summary>PUBLISH of QoS 1 and 2 that a client may have under way: Receive Maximum, from 1 to 65535.</summary>
    public int ReceiveMaximum { get; init; } = DefaultReceiveMaximum;

    /// <summary>Aliases that a client may use: Topic Alias Maximum, from 0 to 65535.</summary>
    public int TopicAliases { get; init; } = DefaultTopicAliases;

    /// <summary>The longest Keep Alive, from 1 to 65535 s; who asks for more, or for none, gets this. Null = what clients ask for.</summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>The longest Session Expiry Interval; who asks for more gets this. Null = what clients ask for.</summary>
    public TimeSpan? SessionExpiry { get; init; }
}
