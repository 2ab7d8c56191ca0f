using System.Collections.Concurrent;
using Zilla.Edge.Cache;

namespace Zilla.EdgeHttp.HttpKafka.Correlated;

/// <summary>
/// Has a request that comes twice produced once while the first is on its way into the topic, and until the cache has surely seen it there.
/// What came through another edge, or earlier, is for the topic itself to say.
/// </summary>
internal sealed class RequestsUnderWay(TimeProvider time)
{
    /// <summary>The cache holds an acknowledged record within milliseconds; then the topic itself shows it.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(TopicName Topic, string Id), Entry> _entries = new();
    private long _swept = time.GetTimestamp();

    public int Count => _entries.Count;

    /// <summary>Runs <paramref name="produce"/> unless the same request is under way, and gives its outcome either way; a failure is forgotten.</summary>
    public async Task OnceAsync(TopicName topic, string id, Func<Task> produce)
    {
        Sweep();
        var mine = new Entry();
        var entry = _entries.GetOrAdd((topic, id), mine);
        if (entry != mine)
        {
            await entry.Done.Task;
            return;
        }

        try
        {
            await produce();
            mine.Since = time.GetTimestamp();
            mine.Done.SetResult();
        }
        catch (Exception e)
        {
            _entries.TryRemove(new((topic, id), mine));
            mine.Done.SetException(e);
            _ = mine.Done.Task.Exception; // observed even if nobody else waits
            throw;
        }
    }

    /// <summary>At most once a second, and by one caller.</summary>
    private void Sweep()
    {
        var swept = Volatile.Read(ref _swept);
        if (time.GetElapsedTime(swept) < TimeSpan.FromSeconds(1) || Interlocked.CompareExchange(ref _swept, time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (key, entry) in _entries)
        {
            if (entry.Done.Task.IsCompleted && time.GetElapsedTime(entry.Since) > Remembered)
            {
                _entries.TryRemove(new(key, entry));
            }
        }
    }

    private sealed class Entry
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public long Since { get; set; }
    }
}
