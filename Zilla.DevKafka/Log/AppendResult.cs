using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Log;

/// <summary>Where a batch went: its first offset, and the time the broker stamped it with (-1: it keeps the sender's).</summary>
internal readonly record struct AppendResult(ErrorCode Error, long BaseOffset, long AppendTime, string? Message = null)
{
    public static AppendResult Failed(ErrorCode error, string? message = null) => new(error, -1, -1, message);
}
