using Zilla.Edge.Cache;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>
/// Produces the records of one call, in their order, and counts those that are not acknowledged; the first that fails cancels the call, and is what it fails with.
/// </summary>
/// <remarks>One caller at a time.</remarks>
internal sealed class CallProducer(Call call, ProducePipes pipes, PipeTarget target) : IProduceReceiver, IDisposable
{
    /// <summary>Records that may wait for their acknowledgement; then the client is not read from until half of them have it.</summary>
    private const int MostPending = 256;

    private readonly Lock _gate = new();
    private readonly RecordsUnderWay _underWay = new();
    private bool _isOver;
    private ProduceOutcome _last = new() { Partition = -1 };

    /// <summary>What became of the first record that was not written; null: all are, so far.</summary>
    public CallException? Failure { get; private set; }

    /// <summary>The record has been taken when the task completes, and its memory may be used again.</summary>
    /// <exception cref="OperationCanceledException">The call is cancelled, which <see cref="Failure"/> may be the reason of.</exception>
    /// <exception cref="Streams.StreamBrokenException">The record is too large, or the gateway is shutting down.</exception>
    public async ValueTask ProduceAsync(PipeRecord record)
    {
        while (!TryProduce(record))
        {
            await pipes.WaitForRoomAsync(target, record, call.Cancelled);
        }

        if (_underWay.Count >= MostPending)
        {
            await _underWay.WaitAsync(MostPending / 2, call.Cancelled);
        }
    }

    /// <summary>Completes when all are acknowledged, or the last is not, which <see cref="ThrowIfFailed"/> tells.</summary>
    /// <exception cref="OperationCanceledException">As above.</exception>
    public ValueTask CompleteAsync() => _underWay.WaitAsync(0, call.Cancelled);

    /// <exception cref="CallException">A record was not written.</exception>
    public void ThrowIfFailed()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>When nothing is on its way any more, also of a call that is over: up to where its records are.</summary>
    public async Task<KafkaProgress> SettleAsync()
    {
        await _underWay.WaitAsync(0, CancellationToken.None);
        return _last.ToProgress();
    }

    public void Produced(ulong tag, in ProduceOutcome outcome)
    {
        lock (_gate)
        {
            _last = outcome.IsWritten ? outcome : _last;
            if (!outcome.IsWritten && Failure is null)
            {
                Failure = new CallException(StatusTable.Of(outcome.Cause), outcome.Message ?? "A message was not written.");
                if (!_isOver)
                {
                    _ = call.CancelAsync();
                }
            }
        }

        _underWay.Add(-1);
    }

    /// <summary>The call is over; what is on its way is no longer its business.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
        }
    }

    private bool TryProduce(in PipeRecord record)
    {
        // Before it is taken: its outcome may be there at once.
        _underWay.Add(1);
        var isTaken = false;
        try
        {
            return isTaken = pipes.TryProduce(target, record, this);
        }
        finally
        {
            if (!isTaken)
            {
                _underWay.Add(-1);
            }
        }
    }
}
