namespace Zilla.DevKafka.Log;

internal static partial class LogLog
{
    [LoggerMessage(1, LogLevel.Warning, "{Segment}: {Bytes} bytes after offset {NextOffset} are no whole batch (a write was cut short); truncated")]
    public static partial void TornTail(this ILogger logger, string segment, long bytes, long nextOffset);

    [LoggerMessage(2, LogLevel.Error, "{Segment}: {Bytes} bytes after offset {NextOffset} are damaged and not served; the file is left as it is")]
    public static partial void Damaged(this ILogger logger, string segment, long bytes, long nextOffset);

    [LoggerMessage(3, LogLevel.Error, "{Folder}: append failed")]
    public static partial void AppendFailed(this ILogger logger, string folder, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "{Folder}: log starts at {StartOffset} now, {Segments} segments deleted ({Reason})")]
    public static partial void HeadDeleted(this ILogger logger, string folder, long startOffset, int segments, string reason);

    [LoggerMessage(5, LogLevel.Debug, "{Folder}: compacted {Before} bytes to {After}")]
    public static partial void Compacted(this ILogger logger, string folder, long before, long after);

    [LoggerMessage(6, LogLevel.Error, "{Folder}: housekeeping failed")]
    public static partial void HousekeepingFailed(this ILogger logger, string folder, Exception exception);
}
