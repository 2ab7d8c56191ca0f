using Zilla.Streams.Frames;
using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

internal static class LaneText
{
    /// <summary>Payload and extension of one frame, in bytes: a batch, less what framing takes at most.</summary>
    public const int MaxContent = LaneOptions.MaxBatch - 64;

    private const int MaxReason = 500;

    /// <summary>A reason is for people: what is longer is cut.</summary>
    public static string Short(string reason) => reason.Length <= MaxReason ? reason : reason[..MaxReason];

    /// <summary>The peer's reason as an exception; a cause of a later version counts as a fault of the peer.</summary>
    public static StreamBrokenException ToException(in StreamFrame frame) =>
        new(frame.Cause is > Cause.Unspecified and <= Cause.Misconfigured ? frame.Cause : Cause.Internal, Received(frame), frame.RetryAfter);

    public static string Received(in StreamFrame frame) => string.IsNullOrEmpty(frame.Message) ? $"The peer sent {frame.Kind.ToString().ToUpperInvariant()}: {frame.Cause}." : frame.Message;
}
