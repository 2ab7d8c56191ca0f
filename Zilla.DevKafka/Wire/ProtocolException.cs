namespace Zilla.DevKafka.Wire;

/// <summary>The peer broke the protocol in a way that no response can describe: it costs that connection.</summary>
internal sealed class ProtocolException(string message) : Exception(message);
