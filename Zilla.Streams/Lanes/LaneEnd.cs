using Zilla.Streams.V1;

namespace Zilla.Streams.Lanes;

/// <summary>Why a lane is over.</summary>
internal readonly record struct LaneEnd(Cause Cause, string Message)
{
    public StreamBrokenException ToException() => new(Cause, Message);
}
