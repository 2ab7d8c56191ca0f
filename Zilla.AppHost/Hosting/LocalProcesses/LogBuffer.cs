using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.LocalProcesses;

/// <summary>The last lines a process wrote, and those to come.</summary>
internal sealed class LogBuffer
{
    private const int Capacity = 5000;

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly List<Channel<LogLine>> _followers = [];
    private bool _complete;

    public void Add(LogLine line)
    {
        lock (_gate)
        {
            if (_lines.Count == Capacity)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line);
            foreach (var follower in _followers)
            {
                follower.Writer.TryWrite(line);
            }
        }
    }

    /// <summary>No more lines will come.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            foreach (var follower in _followers)
            {
                follower.Writer.TryComplete();
            }
        }
    }

    public async IAsyncEnumerable<LogLine> ReadAsync(bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A follower that falls behind loses lines rather than holding them all in memory.
        var follower = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(Capacity * 2) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            foreach (var line in _lines)
            {
                follower.Writer.TryWrite(line);
            }

            if (follow && !_complete)
            {
                _followers.Add(follower);
            }
            else
            {
                follower.Writer.TryComplete();
            }
        }

        try
        {
            await foreach (var line in follower.Reader.ReadAllAsync(cancellationToken))
            {
                yield return line;
            }
        }
        finally
        {
            lock (_gate)
            {
                _followers.Remove(follower);
            }
        }
    }
}
