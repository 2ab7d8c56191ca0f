namespace Zilla.DevKafka.Groups;

/// <summary>Bounds of the group protocol; defaults are Apache Kafka's, but that the first rebalance does not wait for more members.</summary>
internal sealed record GroupOptions(TimeProvider Time)
{
    public TimeSpan MinimumSessionTimeout { get; init; } = TimeSpan.FromSeconds(6);
    public TimeSpan MaximumSessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long an empty group waits for more members before its first generation. Default 0.</summary>
    public TimeSpan InitialRebalanceDelay { get; init; }

    /// <summary>Default 10 000 members.</summary>
    public int MaximumSize { get; init; } = 10_000;
}
