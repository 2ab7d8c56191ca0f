namespace Zilla.Edge.Listeners;

/// <summary>A port of a plan cannot be listened on; the message says which and why.</summary>
public sealed class PortUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
