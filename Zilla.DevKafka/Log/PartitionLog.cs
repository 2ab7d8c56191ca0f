using Zilla.DevKafka.Producers;
using Zilla.DevKafka.Topics;
using Zilla.DevKafka.Transactions;
using Zilla.DevKafka.Wire;

namespace Zilla.DevKafka.Log;

/// <summary>
/// One partition: segments in offset order, the last of them written to. Appends, and everything that changes the list of segments, hold the
/// lock; bytes are read outside it, from segments that may be disposed meanwhile, in which case the read is looked up again.
/// </summary>
internal sealed partial class PartitionLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly LogOptions _options;
    private readonly ProducerTable _producers = new();
    private readonly TransactionIndex _transactions = new();
    private readonly List<LogWaiter> _waiters = [];
    private readonly byte[] _header = new byte[BatchHeader.Length];
    private List<Segment> _segments = [];
    private long _startOffset;
    private bool _disposed;

    private PartitionLog(string folder, TopicConfig config, LogOptions options)
    {
        _folder = folder;
        _options = options;
        Config = config;
    }

    public TopicConfig Config { get; set; }

    public string Folder => _folder;

    public long StartOffset => Volatile.Read(ref _startOffset);

    /// <summary>The offset of the next record. On a single node everything written is committed, so this is the high watermark too.</summary>
    public long NextOffset
    {
        get
        {
            lock (_gate)
            {
                return Active.NextOffset;
            }
        }
    }

    public long Size
    {
        get
        {
            lock (_gate)
            {
                return _segments.Sum(s => (long)s.Size);
            }
        }
    }

    private Segment Active => _segments[^1];

    public static PartitionLog Open(string folder, TopicConfig config, LogOptions options)
    {
        Directory.CreateDirectory(folder);
        var log = new PartitionLog(folder, config, options);
        log.Recover();
        return log;
    }

    /// <summary>Appends one batch. When it returns without error the batch is in the file (and with fsync on the device).</summary>
    public AppendResult Append(ReadOnlyMemory<byte> batch)
    {
        var error = BatchValidator.Validate(batch, Config.MaxMessageBytes, Config.Compacts, out var header);
        if (error != ErrorCode.None)
        {
            return AppendResult.Failed(error);
        }

        lock (_gate)
        {
            if (_disposed)
            {
                return AppendResult.Failed(ErrorCode.UnknownTopicOrPartition);
            }

            error = _producers.Check(header, out var duplicateOf);
            if (error != ErrorCode.None || duplicateOf is not null)
            {
                return error != ErrorCode.None ? AppendResult.Failed(error) : new AppendResult(ErrorCode.None, duplicateOf!.Value, -1);
            }

            return !header.IsTransactional && _transactions.Find(header.ProducerId) is not null
                ? AppendResult.Failed(ErrorCode.InvalidTxnState, "the producer has a transaction open here")
                : TryWrite(batch, header);
        }
    }

    /// <summary>
    /// Reads whole batches from the one that holds <paramref name="offset"/> on, up to <paramref name="maximumBytes"/>; the first may exceed
    /// that when <paramref name="atLeastOne"/>. With <paramref name="committed"/> it ends before the first open transaction, and names the aborted ones.
    /// Null: the offset is out of range.
    /// </summary>
    public LogSlice? Read(long offset, int maximumBytes, bool atLeastOne, bool committed = false)
    {
        while (true)
        {
            Segment segment;
            int position, available, first;
            List<AbortedTransaction> aborted = [];
            lock (_gate)
            {
                if (_disposed || offset < _startOffset || offset > Active.NextOffset)
                {
                    return null;
                }

                var end = committed ? Stable : Active.NextOffset;
                if (!TryLocate(offset, out segment!, out position, out var header) || header.BaseOffset >= end)
                {
                    return LogSlice.Empty;
                }

                var stop = end < segment.NextOffset && segment.TryFind(end, out var unstable, out _) ? unstable : segment.Size;
                (available, first) = (stop - position, header.Size);
                if (committed)
                {
                    // Together with the segment: compaction takes records, markers and what is known of them out in one step.
                    aborted = _transactions.Aborted(offset, end);
                }
            }

            try
            {
                return LogSlice.Read(segment, position, available, first, maximumBytes, atLeastOne, aborted);
            }
            catch (ObjectDisposedException)
            {
                // The segment was replaced or deleted between the two steps: look again.
            }
        }
    }

    public void Register(LogWaiter waiter)
    {
        lock (_gate)
        {
            _waiters.Add(waiter);
        }
    }

    public void Unregister(LogWaiter waiter)
    {
        lock (_gate)
        {
            _waiters.Remove(waiter);
        }
    }

    /// <summary>Closes the files; whoever waits for data is woken.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            foreach (var segment in _segments)
            {
                segment.Dispose();
            }

            SignalWaiters();
        }
    }

    private AppendResult TryWrite(ReadOnlyMemory<byte> batch, in BatchHeader header)
    {
        try
        {
            return Write(batch, header);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _options.Logger.AppendFailed(_folder, e);
            return AppendResult.Failed(ErrorCode.StorageError, e.Message);
        }
    }

    private AppendResult Write(ReadOnlyMemory<byte> batch, BatchHeader sent)
    {
        var now = _options.Now;
        var header = Stamp(sent with { BaseOffset = Active.NextOffset }, now);
        RollIfDue(header.Size, now);
        var records = batch[BatchHeader.Length..];
        if (header.Attributes == sent.Attributes && header.MaxTimestamp == sent.MaxTimestamp)
        {
            batch[..BatchHeader.Length].CopyTo(_header);
            BatchHeader.Place(_header, header.BaseOffset);
        }
        else
        {
            header.Write(_header, records.Span);
        }

        Active.Append(_header, records, _options.Fsync);
        Active.Include(header, now);
        _producers.Update(header, now);
        _transactions.Update(header, batch);
        SignalWaiters();
        return new AppendResult(ErrorCode.None, header.BaseOffset, Config.StampsAppendTime ? now : -1);
    }

    private BatchHeader Stamp(in BatchHeader header, long now) => Config.StampsAppendTime
        ? header with { Attributes = (short)(header.Attributes | BatchHeader.LogAppendTimeBit), MaxTimestamp = now }
        : header with { Attributes = (short)(header.Attributes & ~BatchHeader.LogAppendTimeBit) };

    private void RollIfDue(int size, long now)
    {
        var due = Active.Size > 0
            && ((long)Active.Size + size > Config.SegmentBytes || (Active.FirstAppended >= 0 && now - Active.FirstAppended > Config.SegmentMs));
        if (due)
        {
            Roll();
        }
    }

    private void Roll()
    {
        if (_options.Fsync)
        {
            Active.Flush();
        }

        // A snapshot a segment keeps the work at open, and what retention may forget, small.
        SnapshotProducers();
        _segments = [.. _segments, Segment.Create(_folder, Active.NextOffset)];
    }

    private void SnapshotProducers() => new ProducerSnapshot(Active.NextOffset, _producers.Entries()).Write(_folder);

    private bool TryLocate(long offset, out Segment? segment, out int position, out BatchHeader header)
    {
        int low = 0, high = _segments.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _segments[middle].BaseOffset <= offset ? (middle, high) : (low, middle - 1);
        }

        // Compaction leaves gaps: the batch that comes next may be in a later segment.
        for (var i = low; i < _segments.Count; i++)
        {
            if (_segments[i].TryFind(offset, out position, out header))
            {
                segment = _segments[i];
                return true;
            }
        }

        (segment, position, header) = (null, 0, default);
        return false;
    }

    private void SignalWaiters()
    {
        foreach (var waiter in _waiters)
        {
            waiter.Signal();
        }
    }
}
