namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Configuration section <c>Zilla:Edge:Mqtt:Delivery</c>.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>How often what clients have acknowledged is reported to their sessions. Default 1 s.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the progress of a client that nothing is for follows the feed: what is read again, at most, after its edge was lost. Default 1 min.</summary>
    public TimeSpan QuietInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>QoS 0 messages that may wait while a client is sent retained messages; further ones are dropped. Default 512.</summary>
    public int HeldMessages { get; set; } = 512;

    /// <summary>Their size, in bytes; one alone may be larger. Default 1 MiB.</summary>
    public int HeldBytes { get; set; } = 1 << 20;

    /// <summary>Records of a shared subscription that one client may have unsettled, its receive maximum permitting. Default 64.</summary>
    public int ShareInFlight { get; set; } = 64;
}
