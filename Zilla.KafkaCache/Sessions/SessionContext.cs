using Zilla.Config.Plans;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.KafkaCache.Telemetry;

namespace Zilla.KafkaCache.Sessions;

/// <summary>What the sessions of a partition share.</summary>
internal sealed class SessionContext(IOwnedPartition partition, SessionsPlan plan, SessionOptions options, SessionTelemetry telemetry, TimeProvider time, ILogger logger)
{
    public IOwnedPartition Partition => partition;
    public SessionsPlan Plan => plan;
    public SessionOptions Options => options;
    public SessionTelemetry Telemetry => telemetry;
    public TimeProvider Time => time;
    public ILogger Logger => logger;

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>When this replica came to own the partition.</summary>
    public long OwnedSince { get; } = time.GetUtcNow().ToUnixTimeMilliseconds();

    public long GraceMs => (long)options.Grace.TotalMilliseconds;
}
