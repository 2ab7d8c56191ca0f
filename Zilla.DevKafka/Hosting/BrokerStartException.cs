namespace Zilla.DevKafka.Hosting;

/// <summary>The broker cannot start for a reason that the person who started it can mend; the message says how.</summary>
internal sealed class BrokerStartException(string message, Exception cause) : Exception(message, cause);
