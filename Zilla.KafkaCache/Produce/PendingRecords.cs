using Confluent.Kafka;
using Zilla.KafkaCache.Clusters;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Produce;

/// <summary>
/// The records that a stream with many has handed over. Kafka answers for them in any order and on threads of the client library, and so are the
/// stream's answers taken: a partition whose broker is slow or away holds up none of another.
/// </summary>
internal sealed class PendingRecords(TimeSpan retryAfter)
{
    /// <summary>More are not taken from the stream: a bound for what a stalled broker makes us hold beside the client library's own queue.</summary>
    public const int Most = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<PendingRecord> _open = new();
    private readonly LinkedList<PendingRecord> _settled = new();
    private readonly Stack<PendingRecord> _spare = new();
    private readonly CancellationTokenSource _stopped = new();
    private TaskCompletionSource? _answerable;
    private TaskCompletionSource? _room;
    private StreamBrokenException? _stop;
    private bool _closed;
    private long _next;

    /// <summary>Cancelled when a record has failed for a reason that is not its own: those behind it must not overtake it.</summary>
    public CancellationToken Stopped => _stopped.Token;

    /// <summary>Why <see cref="Stopped"/> is cancelled.</summary>
    public StreamBrokenException? Stop => Volatile.Read(ref _stop);

    /// <summary>A record for what is handed over next, once there is room for one more.</summary>
    public async ValueTask<PendingRecord> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_open.Count + _settled.Count < Most)
                {
                    var record = _spare.TryPop(out var spare) ? spare : new PendingRecord(this);
                    record.Begin(_next++);
                    return record;
                }

                _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The record has been handed over, or has failed. Kafka may have answered already.</summary>
    public void Add(PendingRecord record)
    {
        lock (_gate)
        {
            (record.IsSettled ? _settled : _open).AddLast(record.Place);
            if (record.IsSettled)
            {
                Wake();
            }
        }
    }

    /// <summary>Kafka has taken the record, or the client library has where nothing more is asked for.</summary>
    public void Written(PendingRecord record, int partition = -1, long offset = -1)
    {
        lock (_gate)
        {
            if (!record.IsSettled)
            {
                record.Written(partition, offset);
                MoveToSettled(record);
            }
        }
    }

    public void Failed(PendingRecord record, StreamBrokenException why)
    {
        var stops = !IsOfRecord(why.Cause);
        lock (_gate)
        {
            if (record.IsSettled)
            {
                return;
            }

            record.Failed(why);
            MoveToSettled(record);
            stops &= _stop is null;
            _stop ??= stops ? why : null;
        }

        if (stops)
        {
            _ = _stopped.CancelAsync();
        }
    }

    /// <summary>From the client library.</summary>
    public void Settle(PendingRecord record, DeliveryReport<byte[]?, byte[]?> report)
    {
        if (report.Error.IsError)
        {
            Failed(record, KafkaCauses.ToBroken(report.Error, retryAfter));
        }
        else
        {
            Written(record, report.Partition.Value, report.Offset.Value);
        }
    }

    /// <summary>Nothing is handed over any more: <see cref="WaitAsync"/> gives false once all is taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Wake();
        }
    }

    /// <summary>Kafka's answers are waited for no longer.</summary>
    public void GiveUp(StreamBrokenException why)
    {
        lock (_gate)
        {
            while (_open.First is { Value: var record })
            {
                record.Failed(why);
                MoveToSettled(record);
            }

            Wake();
        }
    }

    /// <summary>Waits until there is something to take; false: nothing will come.</summary>
    public async ValueTask<bool> WaitAsync()
    {
        while (true)
        {
            Task answerable;
            lock (_gate)
            {
                if (_settled.Count > 0 || (_closed && _open.Count == 0))
                {
                    return _settled.Count > 0;
                }

                _answerable = new(TaskCreationOptions.RunContinuationsAsynchronously);
                answerable = _answerable.Task;
            }

            await answerable;
        }
    }

    /// <summary>Takes results, as many as there are and a frame holds. Gives how many are written.</summary>
    public int Take(ProducedResults results, List<StreamBrokenException> failures)
    {
        var written = 0;
        lock (_gate)
        {
            while (!results.IsFull && _settled.First is { Value: var record })
            {
                record.AddTo(results);
                if (record.Failure is { } failure)
                {
                    failures.Add(failure);
                }
                else
                {
                    written++;
                }

                _settled.RemoveFirst();
                _spare.Push(record);
            }

            _room?.TrySetResult();
            _room = null;
        }

        return written;
    }

    private static bool IsOfRecord(Cause cause) => cause is Cause.InvalidRecord or Cause.UnknownTopic or Cause.NotAuthorized;

    /// <summary>Unless it is yet to be added.</summary>
    private void MoveToSettled(PendingRecord record)
    {
        if (record.Place.List is not null)
        {
            _open.Remove(record.Place);
            _settled.AddLast(record.Place);
            Wake();
        }
    }

    private void Wake()
    {
        _answerable?.TrySetResult();
        _answerable = null;
    }
}
