namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>No route of the edge's configuration takes the call: it is another edge's to make, whose configuration is newer, or older.</summary>
internal sealed class NoRouteException(string message) : Exception(message);
