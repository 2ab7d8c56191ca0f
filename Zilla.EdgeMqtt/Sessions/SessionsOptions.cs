namespace Zilla.EdgeMqtt.Sessions;

/// <summary>Configuration section <c>Zilla:Edge:Mqtt:Sessions</c>.</summary>
internal sealed class SessionsOptions
{
    public const string Section = "Zilla:Edge:Mqtt:Sessions";

    /// <summary>How long a client that connects waits for an owner of its session that can be reached; default 15 s, then 0x88.</summary>
    public TimeSpan OwnerTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a connection's end may take to become durable, default 5 s; then the session finds out by itself, as if the connection had been lost.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often at most a client's progress is reported; default 1 s.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause before a lost stream is opened again, doubled at each failure up to <see cref="MaxRetryDelay"/>; default 50 ms.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Default 1 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the next owner is waited for where one has refused, before it is asked once more; default 5 s.</summary>
    public TimeSpan NextOwnerTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
