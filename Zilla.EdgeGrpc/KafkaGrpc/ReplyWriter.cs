using Zilla.Edge.Cache;
using Zilla.Edge.Calls;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Upstream;
using Zilla.Streams.V1;
using Status = Zilla.Edge.Calls.Status;

namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>Writes the answer of one call to its topic: what the service says, or why it was not asked. For one caller at a time.</summary>
/// <param name="cache">The way to the topic.</param>
/// <param name="topic">That the records of the call name.</param>
/// <param name="replies">What the records of the answer are like.</param>
internal sealed class ReplyWriter(CacheClient cache, PipeTarget topic, ReplyRecords replies)
{
    /// <summary>Messages that may wait for their acknowledgement before more are read.</summary>
    private const int MostPending = 256;

    private Queue<Task<ProduceOutcome>> _pending = new();

    /// <summary>
    /// Writes what the service says, as it says it. Null: the call is over, and all of its answer is in Kafka. Else why it is to be begun anew.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="over">Ends the call; cancelled when this completes.</param>
    /// <param name="cancellationToken">Nothing more is to be written.</param>
    /// <exception cref="CallException">An answer can never be written; its end is, where that can.</exception>
    public async Task<string?> WriteAsync(UpstreamCall call, CancellationTokenSource over, CancellationToken cancellationToken)
    {
        // What an attempt before this one left behind counts for nothing.
        _pending = new();
        var begun = false;
        var reading = Task.FromResult(false);
        try
        {
            for (var count = 0L; ; count++)
            {
                reading = call.ReadAsync().AsTask();
                while (!reading.IsCompleted && _pending.TryPeek(out var oldest))
                {
                    // What Kafka refuses ends the call at once: the service may say nothing more, and wait itself.
                    await Task.WhenAny(reading, oldest);
                    if (await SettleAsync(MostPending, cancellationToken) is { } unwritten)
                    {
                        return unwritten;
                    }
                }

                if (!await reading)
                {
                    break;
                }

                begun = true;
                await AddAsync(replies.Message(count, count == 0 ? call.Headers : [], call.Message), cancellationToken);
                if (await SettleAsync(MostPending, cancellationToken) is { } problem)
                {
                    return problem;
                }
            }

            if (call.Status.Code == StatusCode.Unavailable)
            {
                return call.Status.Message;
            }

            // The end says something else where one of them was refused.
            if (await SettleAsync(0, cancellationToken) is { } lost)
            {
                return lost;
            }

            await AddAsync(replies.End(call.Status, begun ? call.Trailers : [.. call.Headers, .. call.Trailers]), cancellationToken);
            return await SettleAsync(0, cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Writes the end alone, as often as it takes; not where it can never be written.</summary>
    public async Task EndAsync(Status status, CancellationToken cancellationToken)
    {
        var delay = cache.NewRetryDelay();
        while (true)
        {
            var outcome = await cache.Pipes.ProduceAsync(topic, replies.End(status, []), cancellationToken);
            if (outcome.IsWritten || outcome.Cause is Cause.InvalidRecord or Cause.UnknownTopic or Cause.NotAuthorized)
            {
                return;
            }

            await delay.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Completes when the record is taken, and its memory may be used again. Not before: of several records that wait for room any could be the first to find some, and readers pass over a message that comes
    /// behind one with a higher index.
    /// </summary>
    private async ValueTask AddAsync(PipeRecord record, CancellationToken cancellationToken)
    {
        var written = new ProduceCall();
        while (!cache.Pipes.TryProduce(topic, record, written))
        {
            await cache.Pipes.WaitForRoomAsync(topic, record, cancellationToken);
        }

        _pending.Enqueue(written.Task);
    }

    /// <summary>Takes note of what is acknowledged, and waits until no more than so many are to be. Gives why the call is to be begun anew; null: it is not.</summary>
    /// <exception cref="CallException">An answer can never be written; its end is, where that can.</exception>
    private async Task<string?> SettleAsync(int most, CancellationToken cancellationToken)
    {
        while (_pending.TryPeek(out var oldest) && (_pending.Count > most || oldest.IsCompleted))
        {
            var outcome = await _pending.Dequeue().WaitAsync(cancellationToken);
            switch (outcome.Cause)
            {
                case Cause.Unspecified:
                    break;
                case Cause.InvalidRecord:
                    var status = new Status(StatusCode.Internal, $"The service's answer cannot be written to {topic.Topic.Topic}: {outcome.Message}");
                    await EndAsync(status, cancellationToken);
                    throw new CallException(status.Code, status.Message);
                case Cause.UnknownTopic or Cause.NotAuthorized:
                    throw new CallException(StatusTable.Of(outcome.Cause), $"The service's answer cannot be written to {topic.Topic.Topic}: {outcome.Message}");
                default:
                    return outcome.Message ?? "A record of the answer was not written";
            }
        }

        return null;
    }
}
