using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Zilla.Edge;
using Zilla.Edge.Cache;
using Zilla.Edge.Calls;
using Zilla.Edge.Handover;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.GrpcKafka;
using Zilla.EdgeGrpc.Upstream;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Streams.Work;
using Status = Zilla.Edge.Calls.Status;

namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>
/// One call from a topic: made of the service with its records as messages, as they come, and answered with records. While the service is away it is begun anew, with pauses that grow; the service
/// is told by the idempotency metadata that it is the same. Whatever else the service says is the answer.
/// </summary>
/// <param name="topic">That its records are from.</param>
/// <param name="model">The binding.</param>
/// <param name="cache">The way to the topics.</param>
/// <param name="logger">The log.</param>
internal sealed class RemoteCall(string topic, KafkaGrpcModel model, CacheClient cache, ILogger logger)
{
    /// <summary>Messages that may wait for their acknowledgement before more are read.</summary>
    private const int MostPending = 256;

    private static readonly Counter<long> Retried = EdgeTelemetry.Meter.CreateCounter<long>("zilla.edge.grpc.repeated", "{call}", "Calls from topics begun anew, since the service or Kafka was away.");

    private readonly Lock _gate = new();
    private readonly List<KafkaRecord> _records = [];
    private readonly CancellationTokenSource _givenUp = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WorkGivenUp? _answer;

    /// <summary>The next record.</summary>
    public void Add(KafkaRecord record)
    {
        lock (_gate)
        {
            _records.Add(record);
            _more.TrySetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>No more records will come.</summary>
    public void GiveUp(WorkGivenUp answer)
    {
        _answer = answer;
        _givenUp.Cancel();
    }

    /// <summary>Makes the call; completes when Kafka has acknowledged the end of the answer. Gives why it could not be made, for the dead-letter topic; empty: it was made.</summary>
    /// <exception cref="OperationCanceledException">It is another's now: nothing more is written.</exception>
    /// <exception cref="NoRouteException">Another edge's configuration may know such calls, this one's does not.</exception>
    public async Task<string> RunAsync(CancellationToken lost)
    {
        var first = _records[0];
        var replies = new ReplyRecords(first, model.CorrelationId);
        var answers = new PipeTarget(new TopicName(model.Cluster, first.TryGetHeader(model.ReplyTo, out var replyTo) ? Encoding.UTF8.GetString(replyTo.Value.Span) : ""), model.Acks, ProduceRetry.UntilAcknowledged);
        if (_answer is { Status: > 0 } given)
        {
            return await GivenUpAsync(given, answers, replies, lost);
        }

        if (CallPattern.TargetOf(first, model.Service, model.Method) is not { } target || model.Route(topic, first, target) is not { } route || answers.Topic.Topic.Length == 0)
        {
            throw new NoRouteException($"No route of {model.Binding} takes the call at {topic}/{first.Partition}@{first.Offset}");
        }

        using var activity = Start(first, target);
        try
        {
            if (Problem(first, target) is { } problem)
            {
                await WriteEndAsync(answers, replies, new(StatusCode.InvalidArgument, problem), lost);
                return problem;
            }

            if (route.Find(target) is not { } channel)
            {
                await WriteEndAsync(answers, replies, new(StatusCode.Unimplemented, problem = $"No route of the grpc client takes {target}"), lost);
                return problem;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(lost, _givenUp.Token);
            try
            {
                await MakeAsync(channel, target, replies, answers, either.Token);
                return "";
            }
            catch (OperationCanceledException) when (_answer is { Status: > 0 } answer && !lost.IsCancellationRequested)
            {
                return await GivenUpAsync(answer, answers, replies, lost);
            }
        }
        catch (CallException refused)
        {
            return refused.Status.Message;
        }
    }

    /// <summary>Whom it is answered to the record says; where it does not, nobody is.</summary>
    private async Task<string> GivenUpAsync(WorkGivenUp answer, PipeTarget answers, ReplyRecords replies, CancellationToken lost)
    {
        if (answers.Topic.Topic.Length > 0)
        {
            await WriteEndAsync(answers, replies, new((StatusCode)answer.Status, answer.Reason), lost);
        }

        return answer.Reason;
    }

    private async Task MakeAsync(UpstreamChannel channel, string target, ReplyRecords replies, PipeTarget answers, CancellationToken cancellationToken)
    {
        var delay = cache.NewRetryDelay();
        for (var attempt = 1; ; attempt++)
        {
            var problem = await AttemptAsync(channel, target, replies, answers, cancellationToken);
            if (problem is null)
            {
                return;
            }

            KafkaGrpcLog.Repeated(logger, attempt == 1 ? LogLevel.Warning : LogLevel.Debug, model.Binding, target, replies.Id, attempt, problem);
            Retried.Add(1, new KeyValuePair<string, object?>("zilla.binding", model.Binding));
            await delay.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Null: the call has been made, and its answer is in Kafka. Else why it is to be begun anew.</summary>
    private async Task<string?> AttemptAsync(UpstreamChannel channel, string target, ReplyRecords replies, PipeTarget answers, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        await using var call = await channel.StartAsync(target[..slash], target[(slash + 1)..], Metadata(replies.Id), over.Token);
        var sending = SendAsync(call, over.Token);
        try
        {
            return await AnswerAsync(call, replies, answers, over, cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(UpstreamCall call, CancellationToken cancellationToken)
    {
        for (var index = 0; ; index++)
        {
            var record = await RecordAsync(index, cancellationToken);
            if (record.IsTombstone)
            {
                await call.CompleteAsync();
                return;
            }

            await call.WriteAsync(record.Value);
        }
    }

    private async Task<string?> AnswerAsync(UpstreamCall call, ReplyRecords replies, PipeTarget answers, CancellationTokenSource over, CancellationToken cancellationToken)
    {
        var pending = new Queue<Task<ProduceOutcome>>();
        var begun = false;
        var reading = Task.FromResult(false);
        try
        {
            for (var count = 0L; ; count++)
            {
                reading = call.ReadAsync().AsTask();
                while (!reading.IsCompleted && pending.TryPeek(out var oldest))
                {
                    // What Kafka refuses ends the call at once: the service may say nothing more, and wait itself.
                    await Task.WhenAny(reading, oldest);
                    if (await SettleAsync(pending, MostPending, answers, replies, cancellationToken) is { } unwritten)
                    {
                        return unwritten;
                    }
                }

                if (!await reading)
                {
                    break;
                }

                begun = true;

                // A copy: the pipe may keep it waiting while the next is read.
                var record = replies.Message(count, count == 0 ? call.Headers : [], call.Message.ToArray());
                pending.Enqueue(cache.Pipes.ProduceAsync(answers, record, cancellationToken).AsTask());
                if (await SettleAsync(pending, MostPending, answers, replies, cancellationToken) is { } problem)
                {
                    return problem;
                }
            }

            if (call.Status.Code == StatusCode.Unavailable)
            {
                return call.Status.Message;
            }

            // The end says something else where one of them was refused.
            if (await SettleAsync(pending, 0, answers, replies, cancellationToken) is { } lost)
            {
                return lost;
            }

            pending.Enqueue(cache.Pipes.ProduceAsync(answers, replies.End(call.Status, begun ? call.Trailers : [.. call.Headers, .. call.Trailers]), cancellationToken).AsTask());
            return await SettleAsync(pending, 0, answers, replies, cancellationToken);
        }
        finally
        {
            await over.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Takes note of what is acknowledged, and waits until no more than so many are to be. Gives why the call is to be begun anew; null: it is not.</summary>
    /// <exception cref="CallException">An answer can never be written; its end is, where that can.</exception>
    private async Task<string?> SettleAsync(Queue<Task<ProduceOutcome>> pending, int most, PipeTarget answers, ReplyRecords replies, CancellationToken cancellationToken)
    {
        while (pending.TryPeek(out var oldest) && (pending.Count > most || oldest.IsCompleted))
        {
            var outcome = await pending.Dequeue();
            switch (outcome.Cause)
            {
                case Cause.Unspecified:
                    break;
                case Cause.InvalidRecord:
                    var status = new Status(StatusCode.Internal, $"The service's answer cannot be written to {answers.Topic.Topic}: {outcome.Message}");
                    await WriteEndAsync(answers, replies, status, cancellationToken);
                    throw new CallException(status.Code, status.Message);
                case Cause.UnknownTopic or Cause.NotAuthorized:
                    throw new CallException(StatusTable.Of(outcome.Cause), $"The service's answer cannot be written to {answers.Topic.Topic}: {outcome.Message}");
                default:
                    return outcome.Message ?? "A record of the answer was not written";
            }
        }

        return null;
    }

    private async Task WriteEndAsync(PipeTarget answers, ReplyRecords replies, Status status, CancellationToken cancellationToken)
    {
        var delay = cache.NewRetryDelay();
        while (true)
        {
            var outcome = await cache.Pipes.ProduceAsync(answers, replies.End(status, []), cancellationToken);
            if (outcome.IsWritten || outcome.Cause is Cause.InvalidRecord or Cause.UnknownTopic or Cause.NotAuthorized)
            {
                return;
            }

            await delay.WaitAsync(cancellationToken);
        }
    }

    private async Task<KafkaRecord> RecordAsync(int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (index < _records.Count)
                {
                    return _records[index];
                }

                more = _more.Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    private IEnumerable<Metadatum> Metadata(string id)
    {
        yield return new(model.IdempotencyMetadata, Encoding.UTF8.GetBytes(id));
        foreach (var header in _records[0].Headers)
        {
            if (CallRecords.MetadatumOf(header) is { } metadatum && metadatum.Name != model.IdempotencyMetadata)
            {
                yield return metadatum;
            }
        }
    }

    /// <summary>Why the record cannot be made a call; null: it can.</summary>
    private string? Problem(in KafkaRecord first, string target)
    {
        if (!MethodName.IsSound(target))
        {
            return $"'{target}' is no method: package.Service/Method is";
        }

        foreach (var header in first.Headers)
        {
            if (CallRecords.MetadatumOf(header) is { } metadatum && !CallMetadata.TryText(metadatum, out _))
            {
                return $"The metadata {metadatum.Name} cannot be sent: it has to be printable ASCII";
            }
        }

        return null;
    }

    /// <summary>Goes on with the trace of whoever wrote the record.</summary>
    private Activity? Start(in KafkaRecord first, string target)
    {
        if (!EdgeTelemetry.Activities.HasListeners())
        {
            return null;
        }

        _ = first.TryGetHeader("traceparent"u8, out var parent);
        _ = ActivityContext.TryParse(Encoding.ASCII.GetString(parent.Value.Span), null, isRemote: true, out var context);
        return EdgeTelemetry.Activities.StartActivity($"process {topic}", ActivityKind.Consumer, context)?.SetTag("messaging.system", "kafka").SetTag("messaging.destination.name", topic).SetTag("rpc.method", target);
    }
}
