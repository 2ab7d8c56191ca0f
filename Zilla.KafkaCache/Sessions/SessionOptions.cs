namespace Zilla.KafkaCache.Sessions;

/// <summary>Settings of MQTT sessions: configuration section <c>Cache:Sessions</c>, e.g. <c>Cache__Sessions__Grace=00:00:10</c>.</summary>
internal sealed record SessionOptions
{
    public const string Section = "Cache:Sessions";

    /// <summary>How long a client whose stream was lost may take to be attached again before it counts as gone; default 10 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a session's, or a shared subscription's, progress may wait to be written; default 1 s.</summary>
    public TimeSpan ProgressDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often wills and expiries that are due later are looked for; default 30 min. Only what is due within twice that time is kept in mind.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a shared subscription's progress is kept after its last client has left, default 1 day; later it starts anew, at the end of the topic.</summary>
    public TimeSpan ShareRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The most subscriptions of a session, default 4096; beyond it CAUSE_OVERLOADED.</summary>
    public int MaxSubscriptions { get; init; } = 4096;

    /// <summary>The longest that the filters of a session may be together, in bytes; default 256 KiB: they are one record. Beyond it CAUSE_OVERLOADED.</summary>
    public int MaxFilterBytes { get; init; } = 256 << 10;

    /// <summary>The most bytes of a client's requests that wait for Kafka, default 1 MiB; then its stream is read no further.</summary>
    public int MaxWaitingBytes { get; init; } = 1 << 20;

    /// <summary>The largest message that is accepted, in bytes; default 8 MiB. The topic's own limit applies as well.</summary>
    public int MaxMessageBytes { get; init; } = 8 << 20;
}
