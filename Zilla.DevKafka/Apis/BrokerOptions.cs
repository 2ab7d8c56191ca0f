namespace Zilla.DevKafka.Apis;

/// <summary>
/// What the request handlers need to know of the configuration. An answer to a fetch holds no more than <paramref name="MaximumFetchBytes"/>,
/// whatever the client allows (but its first batch is never cut).
/// </summary>
internal sealed record BrokerOptions(TimeProvider Time, bool AutoCreateTopics, int DefaultPartitions, int MaximumFetchBytes);
