using Confluent.Kafka;

namespace Zilla.KafkaCache.Clusters;

/// <summary>Where the Kafka client library's own messages go.</summary>
internal sealed class ClientLog(ILogger logger, string cluster)
{
    /// <summary>Why a connection to a broker failed, if that is what the message says: "[thrd:…]: " and the reason.</summary>
    public static string? FailureOf(LogMessage message) => message.Facility == "FAIL" ? message.Message[(message.Message.IndexOf("]: ", StringComparison.Ordinal) is >= 0 and var thread ? thread + 3 : 0)..] : null;

    public void Write(string client, LogMessage message)
    {
        // A broker that is down is refused every second or so; our own messages say when it goes and comes back.
        var level = message.Facility is "FAIL" or "ERROR" ? LogLevel.Debug : (LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging);
        CacheLog.Client(logger, level, cluster, client, message.Facility, message.Message);
    }
}
