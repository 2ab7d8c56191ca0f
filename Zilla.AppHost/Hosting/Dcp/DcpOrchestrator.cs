using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dcp;

/// <summary>Runs the processes under Aspire's orchestrator.</summary>
internal sealed class DcpOrchestrator : IOrchestrator
{
    private const int FailuresUntilLost = 60;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly DcpSession _session;
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _watch;

    public DcpOrchestrator(DcpSession session)
    {
        _session = session;
        _watch = WatchAsync(_ended.Token);
    }

    public event Action<ProcessStatus>? Changed;

    public Task Lost => _lost.Task;

    /// <summary>An executable that is over cannot run again, so it is replaced by a new one of the same name.</summary>
    public async Task StartAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        await _session.Client.DeleteExecutableAsync(instance.Name, cancellationToken);
        while (true)
        {
            try
            {
                await _session.Client.CreateExecutableAsync(instance.Name, DcpObjects.SpecOf(instance), cancellationToken);
                return;
            }
            catch (HttpRequestException conflict) when (conflict.StatusCode == HttpStatusCode.Conflict)
            {
                await Task.Delay(Poll, cancellationToken); // the old one is being deleted
            }
        }
    }

    public Task StopAsync(string instance, CancellationToken cancellationToken) => _session.Client.StopExecutableAsync(instance, cancellationToken);

    public async IAsyncEnumerable<LogLine> ReadLogsAsync(string instance, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = Channel.CreateBounded<LogLine>(1000);
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pumps = Task.WhenAll(PumpAsync(instance, false, follow, lines.Writer, abandoned.Token), PumpAsync(instance, true, follow, lines.Writer, abandoned.Token));
        _ = pumps.ContinueWith(_ => lines.Writer.TryComplete(), TaskScheduler.Default);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
            {
                yield return line;
            }
        }
        finally
        {
            await abandoned.CancelAsync();
            await pumps;
        }
    }

    public Task ShutdownAsync(CancellationToken cancellationToken) => _session.ShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watch;
        _ended.Dispose();
        await _session.DisposeAsync();
    }

    private async Task PumpAsync(string instance, bool isError, bool follow, ChannelWriter<LogLine> lines, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in _session.Client.ReadLogAsync(instance, isError, follow, cancellationToken))
            {
                await lines.WriteAsync(new LogLine(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..], isError), cancellationToken);
            }
        }
        catch (Exception over) when (over is HttpRequestException or IOException or OperationCanceledException)
        {
            // The executable or the reader is gone.
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested && failures < FailuresUntilLost)
        {
            try
            {
                failures++;
                await foreach (var (type, executable) in _session.Client.WatchExecutablesAsync(cancellationToken))
                {
                    failures = 0;
                    if (type is "ADDED" or "MODIFIED" && DcpObjects.StatusOf(executable) is { } status)
                    {
                        Changed?.Invoke(status);
                    }
                }

                await Task.Delay(Poll, cancellationToken);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException)
            {
                await Task.Delay(Poll, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        _lost.TrySetResult();
    }
}
