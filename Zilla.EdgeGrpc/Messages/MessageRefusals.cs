using System.Diagnostics.Metrics;
using Zilla.Edge;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;

namespace Zilla.EdgeGrpc.Messages;

/// <summary>Counts messages that are refused for what is on its way with them, by limit.</summary>
internal static class MessageRefusals
{
    /// <summary>The limits: of the process, of a connection, of the time in which a message goes on.</summary>
    public const string Begun = "begun-bytes", Connection = "connection-begun-bytes", Pause = "begun-pause";

    private static readonly Counter<long> Refused =
        EdgeTelemetry.Meter.CreateCounter<long>("zilla.edge.grpc.refused", "{message}", "Messages that had begun and were refused, by limit: what all take, what those of a connection take, how they go on.");

    /// <summary>What its call ends with.</summary>
    public static CallException Count(string limit, StatusCode code, string message)
    {
        Refused.Add(1, new KeyValuePair<string, object?>("limit", limit));
        return new(code, message);
    }
}
