using Zilla.Streams.FlowControl;

namespace Zilla.Streams.Lanes;

/// <summary>Limits of one lane; the same on both sides need not be the same, each side announces its own.</summary>
public sealed record LaneOptions
{
    /// <summary>Largest batch, in bytes (streams.proto).</summary>
    public const int MaxBatch = 1024 * 1024;

    /// <summary>Size at which a batch is closed and the next begun, in bytes. Below 85,000, so that received batches stay out of the large object heap.</summary>
    public const int PreferredBatch = 64 * 1024;

    /// <summary>The protocol versions that this build speaks.</summary>
    public const uint Version = 1, MinimumVersion = 1;

    /// <summary>Who speaks: "edge-http-0". A name that no other process has at the time (<see cref="InstanceName"/>): owners of sessions are known by it.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Bytes that a stream may have on the way or waiting to be read. Default 512 KiB: with half of that, one stream alone does not fill a lane.</summary>
    public int StreamCredit { get; init; } = 512 * 1024;

    /// <summary>Bytes that all streams of the lane may have on the way, until this side has taken them off the wire. Default 2 MiB.</summary>
    public int LaneCredit { get; init; } = 2 * 1024 * 1024;

    /// <summary>Streams open at a time on one lane, opened by either side. Default 16,384.</summary>
    public int MaxStreams { get; init; } = 16 * 1024;

    /// <summary>How long the peer may take to say HELLO. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long streams may take to end after the lane was asked to close. Default 3 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(3);

    internal uint HighestVersion { get; init; } = Version;

    internal uint LowestVersion { get; init; } = MinimumVersion;

    internal BufferBudget Budget { get; init; } = BufferBudget.Process;
}
