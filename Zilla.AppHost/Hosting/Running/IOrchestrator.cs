using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Running;

/// <summary>
/// Runs processes and sees to it that none outlives this one, whatever ends it. An instance can be started again once it is over.
/// </summary>
internal interface IOrchestrator : IAsyncDisposable
{
    /// <summary>Tells every change of a process; calls do not overlap.</summary>
    event Action<ProcessStatus>? Changed;

    /// <summary>Completes when the orchestrator itself has gone, and the processes with it.</summary>
    Task Lost { get; }

    Task StartAsync(ResourceInstance instance, CancellationToken cancellationToken);

    /// <summary>Asks the process to end; <see cref="Changed"/> tells when it has.</summary>
    Task StopAsync(string instance, CancellationToken cancellationToken);

    /// <summary>What the process has written so far, and, if <paramref name="follow"/>, what it goes on to write.</summary>
    IAsyncEnumerable<LogLine> ReadLogsAsync(string instance, bool follow, CancellationToken cancellationToken);

    /// <summary>Ends whatever still runs.</summary>
    Task ShutdownAsync(CancellationToken cancellationToken);
}
