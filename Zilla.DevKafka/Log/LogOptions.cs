namespace Zilla.DevKafka.Log;

/// <summary>
/// What all logs of the broker share. <paramref name="Fsync"/>: flush to the device before an append is acknowledged, against power loss (a killed
/// process loses nothing either way). <paramref name="ProducerExpiry"/>: how long a partition remembers an idempotent producer that is silent.
/// </summary>
internal sealed record LogOptions(bool Fsync, TimeSpan ProducerExpiry, TimeProvider Time, ILogger Logger)
{
    public static TimeSpan DefaultProducerExpiry { get; } = TimeSpan.FromDays(1);

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
