using System.Runtime.CompilerServices;
using Zilla.Config.Loading;

namespace Zilla.Control.Sources;

/// <summary>
/// Follows a file: by the file system's own notices where there are any, and by looking at it every so often in any case (network mounts and
/// some container volumes tell nothing). What counts is the content, not the time stamp.
/// </summary>
internal sealed class FileFeed(string path, ControlOptions options, TimeProvider time, ILogger<FileFeed> logger) : ConfigurationFeed
{
    private readonly SemaphoreSlim _noticed = new(0, 1);

    public override ConfigurationSource Source { get; } = ConfigurationSource.File(Path.GetFullPath(path));

    public override async IAsyncEnumerable<Reading> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        using var watcher = Watch();
        var last = Read();
        yield return last;
        while (!stop.IsCancellationRequested)
        {
            await WaitAsync(stop);
            if (Read() is var changed && changed != last && await SettleAsync(changed, stop) is var settled && settled != last && !stop.IsCancellationRequested)
            {
                last = settled;
                yield return settled;
            }
        }
    }

    /// <summary>Until a notice comes or it is time to look.</summary>
    private async Task WaitAsync(CancellationToken stop)
    {
        using var look = new CancellationTokenSource(options.FilePollInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(look.Token, stop);
        await _noticed.WaitAsync(either.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Half a file is often valid YAML: reads until two readings in a row are the same.</summary>
    private async Task<Reading> SettleAsync(Reading reading, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(options.Settle, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var again = Read();
            if (again == reading)
            {
                break;
            }

            reading = again;
        }

        return reading;
    }

    private Reading Read()
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MaxBytes }
                ? new Reading(null, $"larger than {MaxBytes} bytes")
                : new Reading(File.ReadAllText(path), null);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new Reading(null, problem.Message);
        }
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            // The folder, since editors and Kubernetes replace the file rather than write it.
            var watcher = new FileSystemWatcher(Source.Folder!);
            watcher.Changed += (_, _) => Notice();
            watcher.Created += (_, _) => Notice();
            watcher.Renamed += (_, _) => Notice();
            watcher.Deleted += (_, _) => Notice();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception problem) when (problem is IOException or ArgumentException or UnauthorizedAccessException)
        {
            ControlLog.NotWatched(logger, path, options.FilePollInterval, problem.Message);
            return null;
        }
    }

    private void Notice()
    {
        try
        {
            _noticed.Release();
        }
        catch (SemaphoreFullException)
        {
            // A notice is waiting already.
        }
    }
}
