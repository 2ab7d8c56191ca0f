namespace Zilla.Edge.Cache;

/// <summary>Configuration section <c>Zilla:Edge:Cache</c>.</summary>
public sealed class CacheOptions
{
    /// <summary>Records that may wait for one subscriber of a live feed before it is sent to history. Default 512.</summary>
    public int QueueRecords { get; set; } = 512;

    /// <summary>Bytes (keys, headers and values) that may wait likewise; one record alone may be larger. Default 1 MiB.</summary>
    public int QueueBytes { get; set; } = 1 << 20;

    /// <summary>How long a live feed outlives its last subscriber. Default 30 s.</summary>
    public TimeSpan FeedLinger { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>In which a replica must have answered the opening of a stream. Default 20 s.</summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a request looks for a replica that serves it, while replicas go away and come. Default 3 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Pause before a lost stream is opened again, doubled at each failure up to <see cref="MaxRetryDelay"/>. Default 50 ms.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Default 3 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Bytes of records to one target that may wait to be answered for, each with 64 more than its own; one record alone may be larger. Default 8 MiB.</summary>
    public int PipeBytes { get; set; } = 8 << 20;

    /// <summary>For how long records that must not be lost are sent again, and a stream may stay silent. Default 30 s.</summary>
    public TimeSpan PipeRetry { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the stream for records to a target outlives the last of them. Default 30 s.</summary>
    public TimeSpan PipeIdle { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often names of replicas (<c>dns:///host:port</c>) are looked up. Default 3 s.</summary>
    public TimeSpan DiscoveryInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The largest record that is put together from several frames. Default 64 MiB.</summary>
    public int MaxRecordBytes { get; set; } = 64 << 20;
}
