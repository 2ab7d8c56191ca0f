using Zilla.Edge.Calls;

namespace Zilla.EdgeGrpc.Calls;

/// <summary>Ends a call with a status that its client is told.</summary>
internal sealed class CallException(StatusCode code, string message) : Exception(message)
{
    public Status Status { get; } = new(code, message);
}
