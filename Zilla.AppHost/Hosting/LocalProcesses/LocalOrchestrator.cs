using System.Collections.Concurrent;
using System.ComponentModel;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.LocalProcesses;

/// <summary>Runs the processes as plain children of this one, where Aspire's orchestrator is not to be had.</summary>
internal sealed class LocalOrchestrator(TimeProvider time) : IOrchestrator
{
    /// <summary>How long a process may take to end once it was told to.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, LocalProcess> _processes = new(StringComparer.Ordinal);
    private readonly Lock _telling = new();

    public event Action<ProcessStatus>? Changed;

    public Task Lost { get; } = new TaskCompletionSource().Task;

    public Task StartAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        LocalProcess process;
        try
        {
            process = LocalProcess.Start(instance, time);
        }
        catch (Win32Exception missing)
        {
            Tell(new ProcessStatus(instance.Name, ProcessState.FailedToStart) { StartedAt = started, EndedAt = started });
            throw new IOException($"{instance.Program} cannot be started: {missing.Message}", missing);
        }

        _processes[instance.Name] = process;
        var running = new ProcessStatus(instance.Name, ProcessState.Running) { ProcessId = process.Id, StartedAt = started };
        Tell(running);
        _ = TellExitAsync(process, running);
        return Task.CompletedTask;
    }

    public async Task StopAsync(string instance, CancellationToken cancellationToken)
    {
        if (_processes.TryGetValue(instance, out var process) && !process.Exit.IsCompleted)
        {
            process.Stop();
            await Task.WhenAny(process.Exit, Task.Delay(Patience, time, cancellationToken));
            process.Kill();
        }
    }

    public IAsyncEnumerable<LogLine> ReadLogsAsync(string instance, bool follow, CancellationToken cancellationToken) =>
        _processes.TryGetValue(instance, out var process) ? process.Log.ReadAsync(follow, cancellationToken) : AsyncEnumerable.Empty<LogLine>();

    public async Task ShutdownAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_processes.Keys.Select(name => StopAsync(name, cancellationToken)));
        await Task.WhenAll(_processes.Values.Select(p => p.Exit)).WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
        {
            process.Kill();
            process.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private async Task TellExitAsync(LocalProcess process, ProcessStatus running)
    {
        var code = await process.Exit;
        Tell(running with { State = ProcessState.Ended, ExitCode = code, EndedAt = time.GetUtcNow() });
    }

    private void Tell(ProcessStatus status)
    {
        lock (_telling)
        {
            Changed?.Invoke(status);
        }
    }
}
