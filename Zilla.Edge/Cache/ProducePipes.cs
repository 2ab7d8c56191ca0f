using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>
/// Many records to a topic, on one stream for all callers: order of calls = order of records. What waits in memory for its answer is bounded for
/// each target (<see cref="CacheOptions.PipeBytes"/>).
/// </summary>
public sealed class ProducePipes
{
    private readonly CacheClient _client;
    private readonly Lock _gate = new();
    private readonly Dictionary<PipeTarget, ProducePipe> _pipes = [];
    private bool _stopped;

    internal ProducePipes(CacheClient client) => _client = client;

    /// <summary>
    /// Takes the record, unless there is no room: then false, and nothing is told. Never waits.
    /// </summary>
    /// <param name="target">Where it goes.</param>
    /// <param name="record">The record; copied.</param>
    /// <param name="receiver">Who is told what became of it; null: nobody.</param>
    /// <param name="tag">By which the receiver knows it.</param>
    /// <exception cref="StreamBrokenException"><see cref="Cause.InvalidRecord"/>: key and headers are too large. <see cref="Cause.ShuttingDown"/>: the gateway is.</exception>
    public bool TryProduce(PipeTarget target, in PipeRecord record, IProduceReceiver? receiver = null, ulong tag = 0)
    {
        record.ThrowIfTooLarge();
        while (true)
        {
            var pipe = For(target);
            switch (pipe.TryAdd(record, receiver, tag))
            {
                case PipeRecords.Adding.Added:
                    return true;
                case PipeRecords.Adding.Full:
                    return false;
                default:
                    Forget(pipe);
                    break;
            }
        }
    }

    /// <summary>
    /// Completes when <see cref="TryProduce"/> may have room for a record that it did not take; others may be quicker. The record need not be kept until then.
    /// </summary>
    /// <exception cref="StreamBrokenException"><see cref="Cause.ShuttingDown"/>.</exception>
    public Task WaitForRoomAsync(PipeTarget target, in PipeRecord record, CancellationToken cancellationToken) =>
        For(target).WaitForRoomAsync(record.Length, cancellationToken);

    /// <summary>Writes a record. Its memory may be used again when the call returns, or, if it has to wait for room, when the task completes.</summary>
    /// <exception cref="StreamBrokenException">As of <see cref="TryProduce"/>.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any more; the record may be written all the same.</exception>
    public ValueTask<ProduceOutcome> ProduceAsync(PipeTarget target, PipeRecord record, CancellationToken cancellationToken)
    {
        var call = new ProduceCall();
        return TryProduce(target, record, call) ? call.WaitAsync(cancellationToken) : WaitAsync(target, record, call, cancellationToken);
    }

    internal void Stop()
    {
        ProducePipe[] pipes;
        lock (_gate)
        {
            _stopped = true;
            pipes = [.. _pipes.Values];
        }

        foreach (var pipe in pipes)
        {
            pipe.Stop();
        }
    }

    /// <summary>Called by a pipe that has retired.</summary>
    internal void Forget(ProducePipe pipe)
    {
        lock (_gate)
        {
            if (_pipes.GetValueOrDefault(pipe.Target) == pipe)
            {
                _pipes.Remove(pipe.Target);
            }
        }
    }

    private async ValueTask<ProduceOutcome> WaitAsync(PipeTarget target, PipeRecord record, ProduceCall call, CancellationToken cancellationToken)
    {
        do
        {
            await WaitForRoomAsync(target, record, cancellationToken);
        }
        while (!TryProduce(target, record, call));
        return await call.WaitAsync(cancellationToken);
    }

    private ProducePipe For(PipeTarget target)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                throw new StreamBrokenException(Cause.ShuttingDown, "The gateway is shutting down.");
            }

            if (!_pipes.TryGetValue(target, out var pipe))
            {
                pipe = new ProducePipe(_client, target);
                _pipes.Add(target, pipe);
            }

            return pipe;
        }
    }
}
