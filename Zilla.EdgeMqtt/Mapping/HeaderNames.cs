namespace Zilla.EdgeMqtt.Mapping;

/// <summary>Headers of a record that is a message (reference §4.3), all of which begin with <see cref="Prefix"/>. Headers with other names are user properties.</summary>
internal static class HeaderNames
{
    public static ReadOnlySpan<byte> Prefix => "zilla:"u8;

    /// <summary>A level of the topic; one for each, in their order.</summary>
    public static ReadOnlySpan<byte> Filter => "zilla:filter"u8;

    /// <summary>The client id of who published.</summary>
    public static ReadOnlySpan<byte> Local => "zilla:local"u8;

    /// <summary>Seconds after the record's timestamp, 4 bytes big-endian.</summary>
    public static ReadOnlySpan<byte> Expiry => "zilla:expiry"u8;

    public static ReadOnlySpan<byte> ContentType => "zilla:content-type"u8;

    /// <summary><c>TEXT</c> or <c>BINARY</c>.</summary>
    public static ReadOnlySpan<byte> Format => "zilla:format"u8;

    /// <summary>The topic of Kafka in which the response is expected.</summary>
    public static ReadOnlySpan<byte> ReplyTo => "zilla:reply-to"u8;

    /// <summary>The response topic: the key of the response.</summary>
    public static ReadOnlySpan<byte> ReplyKey => "zilla:reply-key"u8;

    /// <summary>A level of the response topic; one for each, in their order.</summary>
    public static ReadOnlySpan<byte> ReplyFilter => "zilla:reply-filter"u8;

    public static ReadOnlySpan<byte> CorrelationId => "zilla:correlation-id"u8;

    /// <summary><c>1</c>: the message was published with the retain flag, for subscriptions that want to know (§3.8.3.1). Ours; the reference has none.</summary>
    public static ReadOnlySpan<byte> Retain => "zilla:retain"u8;

    /// <summary>With which the message was published: <c>0</c>, <c>1</c> or <c>2</c>.</summary>
    public static ReadOnlySpan<byte> QoS => "zilla:qos"u8;
}
