using System.Diagnostics;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Ownership;

/// <summary>
/// Writes what the sessions of one partition have to write: whatever comes while a transaction is under way, and within a moment after the first, is the next
/// transaction. A thread of its own, as the client library's calls block.
/// </summary>
internal sealed class GroupCommitter : IDisposable
{
    /// <summary>How long the first of a transaction waits for others: those who were answered together ask again together.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(2);

    /// <summary>In bytes; one commit alone may be larger.</summary>
    private const long LargestTransaction = 1 << 20;

    /// <summary>In bytes: what may wait while Kafka does not answer.</summary>
    private const long LargestQueue = 16 << 20;

    private readonly TransactionWriter _writer;
    private readonly Lock _gate = new();
    private readonly Queue<PendingCommit> _queue = [];
    private readonly AutoResetEvent _news = new(false);
    private readonly Thread _thread;
    private readonly TaskCompletionSource<StreamBrokenException> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private long _waiting;
    private bool _closing;
    private StreamBrokenException? _end;

    /// <param name="writer">Used by the thread alone, and disposed of by it.</param>
    /// <param name="name">Of the thread.</param>
    public GroupCommitter(TransactionWriter writer, string name)
    {
        _writer = writer;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Completes when nothing is written any more, with the reason: the producer was fenced, or <see cref="CloseAsync"/> or <see cref="End"/> was called.</summary>
    public Task<StreamBrokenException> Ended => _ended.Task;

    /// <summary>Takes records; its task completes when they are committed.</summary>
    /// <exception cref="StreamBrokenException">Not taken.</exception>
    public PendingCommit Add(IReadOnlyList<TransactionRecord> records)
    {
        var commit = new PendingCommit(records);
        lock (_gate)
        {
            if (_end is not null || _closing)
            {
                throw _end is { } end ? new StreamBrokenException(end.Cause, end.Message) : new StreamBrokenException(Cause.NotOwner, "The partition is being given up");
            }

            if (_waiting > 0 && _waiting + commit.Size > LargestQueue)
            {
                throw new StreamBrokenException(Cause.Overloaded, "Kafka does not take as much as the sessions have to write");
            }

            _waiting += commit.Size;
            _queue.Enqueue(commit);
        }

        _news.Set();
        return commit;
    }

    /// <summary>Takes no more; completes when what was taken is committed, or the time is up.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _closing = true;
        }

        _news.Set();
        await ((Task)_ended.Task).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        End(new(Cause.NotOwner, "The partition was given up"));
    }

    /// <summary>Ends it at once: what waits fails, what is under way may or may not be committed.</summary>
    public void End(StreamBrokenException reason)
    {
        PendingCommit[] left;
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            _end = reason;
            left = [.. _queue];
            _queue.Clear();
        }

        foreach (var commit in left)
        {
            commit.Fail(new(reason.Cause, reason.Message));
        }

        _stop.Cancel();
        _news.Set();
        _ended.TrySetResult(reason);
    }

    public void Dispose() => End(new(Cause.NotOwner, "The partition was given up"));

    private void Run()
    {
        var batch = new List<PendingCommit>();
        try
        {
            while (TryGather(batch))
            {
                _writer.Write(batch, _stop.Token);
                batch.Clear();
            }

            End(new(Cause.NotOwner, "The partition was given up"));
        }
        catch (Exception problem)
        {
            var reason = problem as StreamBrokenException ?? new StreamBrokenException(Cause.NotOwner, $"The partition was lost: {problem.Message}");
            batch.ForEach(commit => commit.Fail(new(reason.Cause, reason.Message)));
            End(reason);
        }
        finally
        {
            _writer.Dispose();
        }
    }

    /// <summary>Waits for commits and takes as many as one transaction has; false: there will be no more.</summary>
    private bool TryGather(List<PendingCommit> batch)
    {
        long size = 0, began = 0;
        while (true)
        {
            lock (_gate)
            {
                while (_queue.TryPeek(out var next) && (batch.Count == 0 || size + next.Size <= LargestTransaction))
                {
                    began = batch.Count == 0 ? Stopwatch.GetTimestamp() : began;
                    batch.Add(_queue.Dequeue());
                    size += next.Size;
                    _waiting -= next.Size;
                }

                if (_end is not null || (_closing && batch.Count == 0))
                {
                    return batch.Count > 0;
                }

                if (batch.Count > 0 && (_closing || _queue.Count > 0 || Stopwatch.GetElapsedTime(began) >= Linger))
                {
                    return true;
                }
            }

            _news.WaitOne(batch.Count == 0 ? Timeout.InfiniteTimeSpan : Linger);
        }
    }
}
