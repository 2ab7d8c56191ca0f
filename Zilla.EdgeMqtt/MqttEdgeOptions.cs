namespace Zilla.EdgeMqtt;

/// <summary>Configuration section <c>Zilla:Edge:Mqtt</c>.</summary>
internal sealed class MqttEdgeOptions
{
    /// <summary>In which a new connection must have sent its CONNECT, all of it. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest CONNECT, as long as nobody knows who sends it; the <c>packet</c> limit of the binding holds as well. Default 256 KiB.</summary>
    public int MaxConnectBytes { get; set; } = 256 << 10;

    /// <summary>Bytes that may wait for a client to read them; a single packet may be larger. Default 1 MiB.</summary>
    public int OutputBytes { get; set; } = 1 << 20;

    /// <summary>How long a client may leave no room for what cannot be dropped before it is disconnected with 0x97. Default 10 s.</summary>
    public TimeSpan SlowClientTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Topic aliases that are used towards a client, if it accepts so many. Each costs its topic's length and some 100 bytes. Default 16.</summary>
    public int OutboundTopicAliases { get; set; } = 16;

    /// <summary>How long a publisher of QoS 0 is kept waiting while there is no room on the way to Kafka, before its messages are dropped. Default 5 s.</summary>
    public TimeSpan PublishPatience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>In which a connection that ends must have taken its last bytes. Default 2 s.</summary>
    public TimeSpan GoodbyeTimeout { get; set; } = TimeSpan.FromSeconds(2);
}
