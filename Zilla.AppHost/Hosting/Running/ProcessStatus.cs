namespace Zilla.AppHost.Hosting.Running;

internal enum ProcessState
{
    Starting,
    Running,
    Stopping,

    /// <summary>Ended, by itself or because it was told to.</summary>
    Ended,

    /// <summary>Could not be started at all.</summary>
    FailedToStart,
}

/// <summary>What is known of a process.</summary>
internal sealed record ProcessStatus(string Name, ProcessState State)
{
    public int? ProcessId { get; init; }

    public int? ExitCode { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>A line that a process wrote, preceded by its RFC 3339 time.</summary>
internal sealed record LogLine(string Text, bool IsError);
