using Microsoft.Extensions.Logging;
using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

/// <summary>What lanes say. Category <c>Zilla.Streams.Lane</c>.</summary>
internal static partial class LaneLog
{
    public const string Category = "Zilla.Streams.Lane";

    [LoggerMessage(1, LogLevel.Information, "Lane {Lane} to {Peer} is open, version {Version}", EventName = "LaneOpened")]
    public static partial void LaneOpened(ILogger logger, long lane, string peer, uint version);

    [LoggerMessage(2, LogLevel.Information, "Lane {Lane} to {Peer} closed: {Cause}: {Reason}", EventName = "LaneClosed")]
    public static partial void LaneClosed(ILogger logger, long lane, string peer, Cause cause, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Lane {Lane} to {Peer} broke with {Streams} streams open: {Cause}: {Reason}", EventName = "LaneBroke")]
    public static partial void LaneBroke(ILogger logger, long lane, string peer, int streams, Cause cause, string reason);

    [LoggerMessage(4, LogLevel.Error, "Stream {Stream} of lane {Lane} failed", EventName = "StreamFailed")]
    public static partial void StreamFailed(ILogger logger, Exception error, long lane, ulong stream);

    [LoggerMessage(5, LogLevel.Information, "Lane {Lane} to {Peer} drains, {Streams} streams open", EventName = "LaneDrains")]
    public static partial void LaneDrains(ILogger logger, long lane, string peer, int streams);

    [LoggerMessage(6, LogLevel.Warning, "Stream {Stream} of lane {Lane} was shed: the process holds too much for slow readers, {Bytes} bytes for this one", EventName = "StreamShed")]
    public static partial void StreamShed(ILogger logger, long lane, ulong stream, int bytes);
}
