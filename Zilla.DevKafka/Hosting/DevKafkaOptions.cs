namespace Zilla.DevKafka.Hosting;

/// <summary>The broker's configuration: section <c>DevKafka</c>, environment variables <c>DevKafka__Port</c> and so on, or the command line.</summary>
internal sealed class DevKafkaOptions
{
    public const string Section = "DevKafka";

    /// <summary>TCP port; 0 takes a free one, which the ready line names. Default 9092.</summary>
    public int Port { get; set; } = 9092;

    /// <summary>Address to bind, and what clients are told to connect to. Default loopback.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>What clients are told instead of <see cref="Host"/>, e.g. when that is 0.0.0.0.</summary>
    public string? AdvertisedHost { get; set; }

    /// <summary>A PKCS#12 file; with it the port speaks TLS with the first key in it. Default none: plain.</summary>
    public string? TlsStore { get; set; }

    /// <summary>What opens <see cref="TlsStore"/>.</summary>
    public string? TlsPassword { get; set; }

    /// <summary>A PEM file of authorities; with it clients have to show a certificate that leads to one of them.</summary>
    public string? TlsTrust { get; set; }

    /// <summary>Where topics and offsets live. Default <c>.zilla/devkafka</c> in the working directory.</summary>
    public string Data { get; set; } = Path.Combine(".zilla", "devkafka");

    /// <summary>Flush to the device before each acknowledgement. Default off: a killed process loses nothing, a power failure may.</summary>
    public bool Fsync { get; set; }

    /// <summary>Partitions of a topic whose creator does not say. Default 1.</summary>
    public int DefaultPartitions { get; set; } = 1;

    /// <summary>Whether Metadata creates topics that it is asked for. Default on.</summary>
    public bool AutoCreateTopics { get; set; } = true;

    /// <summary>A file of topics to create at start where they do not exist yet; see <see cref="Zilla.DevKafka.Topics.TopicList"/>.</summary>
    public string? Topics { get; set; }

    /// <summary>Settings that new topics get unless their creator says otherwise.</summary>
    public Dictionary<string, string> DefaultTopicConfig { get; set; } = [];

    /// <summary>The longest request, in bytes. Default 100 MiB.</summary>
    public int MaximumRequestBytes { get; set; } = 100 << 20;

    /// <summary>The most a fetch is answered with, in bytes. Default 16 MiB.</summary>
    public int MaximumFetchBytes { get; set; } = 16 << 20;

    public int MaximumConnections { get; set; } = 10_000;

    /// <summary>How long a connection may be silent between requests. Default 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a client may pause inside a request, or leave a response unread. Default 30 s.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often retention and compaction look at the logs. Default 10 s.</summary>
    public TimeSpan HousekeepingInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest session timeout a group member may ask for. Default 6 s, as Apache Kafka's.</summary>
    public TimeSpan MinimumSessionTimeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>The longest transaction timeout a producer may ask for. Default 15 minutes, as Apache Kafka's <c>transaction.max.timeout.ms</c>.</summary>
    public TimeSpan MaximumTransactionTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a new group waits for more members before its first generation. Default 0.</summary>
    public TimeSpan InitialRebalanceDelay { get; set; }
}
