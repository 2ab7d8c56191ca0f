using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Zilla.Edge;
using Zilla.Edge.Cache;
using Zilla.Edge.Calls;
using Zilla.Edge.Handover;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.GrpcKafka;
using Zilla.EdgeGrpc.Messages;
using Zilla.EdgeGrpc.Upstream;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Streams.Work;

namespace Zilla.EdgeGrpc.KafkaGrpc;

/// <summary>
/// One call from a topic: made of the service with its records as messages, as they come, and answered with records. While the service is away it is begun anew, with pauses that grow; the service
/// is told by the idempotency metadata that it is the same. Whatever else the service says is the answer.
/// </summary>
/// <param name="topic">That its records are from.</param>
/// <param name="model">The binding.</param>
/// <param name="cache">The way to the topics.</param>
/// <param name="options">How long a service may be quiet.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class RemoteCall(string topic, KafkaGrpcModel model, CacheClient cache, KafkaGrpcOptions options, TimeProvider time, ILogger logger)
{
    private static readonly Counter<long> Retried = EdgeTelemetry.Meter.CreateCounter<long>("zilla.edge.grpc.repeated", "{call}", "Calls from topics begun anew, since the service or Kafka was away.");

    /// <summary>What Zilla makes a record of when a client has a deadline.</summary>
    private static readonly byte[] TimeoutHeader = "meta:grpc-timeout"u8.ToArray();

    private readonly CallMessages _messages = new();
    private readonly CancellationTokenSource _givenUp = new();
    private WorkGivenUp? _answer;

    /// <summary>The next record.</summary>
    public void Add(KafkaRecord record) => _messages.Add(record);

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
        var first = await _messages.ReadAsync(0, lost);
        var replyTo = first.TryGetHeader(model.ReplyTo, out var header) ? Encoding.UTF8.GetString(header.Value.Span) : "";
        var replies = new ReplyRecords(first, model.CorrelationId);
        var writer = new ReplyWriter(cache, new PipeTarget(new TopicName(model.Cluster, replyTo), model.Acks, ProduceRetry.UntilAcknowledged), replies);
        if (_answer is { Status: > 0 } given)
        {
            return await GivenUpAsync(given, replyTo, writer, lost);
        }

        if (CallPattern.TargetOf(first, model.Service, model.Method) is not { } target || model.Route(topic, first, target) is not { } route || replyTo.Length == 0)
        {
            throw new NoRouteException($"No route of {model.Binding} takes the call at {topic}/{first.Partition}@{first.Offset}");
        }

        using var activity = Start(first, target);
        try
        {
            if (Problem(first, target) is { } problem)
            {
                await writer.EndAsync(new(StatusCode.InvalidArgument, problem), lost);
                return problem;
            }

            if (route.Find(target) is not { } channel)
            {
                await writer.EndAsync(new(StatusCode.Unimplemented, problem = $"No route of the grpc client takes {target}"), lost);
                return problem;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(lost, _givenUp.Token);
            try
            {
                await MakeAsync(new(channel, target, [.. Metadata(first, replies.Id)], TimeoutOf(first)), replies.Id, writer, either.Token);
                return "";
            }
            catch (OperationCanceledException) when (_answer is { Status: > 0 } answer && !lost.IsCancellationRequested)
            {
                return await GivenUpAsync(answer, replyTo, writer, lost);
            }
        }
        catch (CallException refused)
        {
            return refused.Status.Message;
        }
    }

    /// <summary>Whom it is answered to the record says; where it does not, nobody is.</summary>
    private static async Task<string> GivenUpAsync(WorkGivenUp answer, string replyTo, ReplyWriter writer, CancellationToken lost)
    {
        if (replyTo.Length > 0)
        {
            await writer.EndAsync(new((StatusCode)answer.Status, answer.Reason), lost);
        }

        return answer.Reason;
    }

    /// <summary>As often as it takes. One of the calls that were lost with a connection may lose every connection that it is made on: none of them shares one any more, so that it is known which.</summary>
    private async Task MakeAsync(Asked asked, string id, ReplyWriter writer, CancellationToken cancellationToken)
    {
        var delay = cache.NewRetryDelay();
        var isAlone = false;
        for (var attempt = 1; await AttemptAsync(asked, writer, isAlone, cancellationToken) is { Problem: { } problem } failed; attempt++)
        {
            isAlone |= failed.HasOverflowed;
            KafkaGrpcLog.Repeated(logger, attempt == 1 ? LogLevel.Warning : LogLevel.Debug, model.Binding, asked.Target, id, attempt, problem);
            Retried.Add(1, new KeyValuePair<string, object?>("zilla.binding", model.Binding));
            await delay.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Null: the call has been made, and its answer is in Kafka. Else why it is to be begun anew. Each attempt has all of its time: what a service that is away has let pass is not the call's.</summary>
    /// <exception cref="CallException">The service is not waited for any more; the answer says so, and is in Kafka.</exception>
    private async Task<(string? Problem, bool HasOverflowed)> AttemptAsync(Asked asked, ReplyWriter writer, bool isAlone, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var slash = asked.Target.IndexOf('/', StringComparison.Ordinal);
        using var clock = new CallClock(asked.Timeout, options.IdleTimeout, time);
        await using var call = await asked.Channel.StartAsync(asked.Target[..slash], asked.Target[(slash + 1)..], asked.Metadata, over.Token, asked.Timeout, isAlone, clock);
        var sending = SendAsync(call, over.Token);
        try
        {
            var problem = await writer.WriteAsync(call, over, cancellationToken);
            return problem is null && call.WasIdle ? throw new CallException(call.Status.Code, call.Status.Message) : (problem, call.HasOverflowed);
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
            var record = await _messages.ReadAsync(index, cancellationToken);
            if (record.IsTombstone)
            {
                await call.CompleteAsync();
                return;
            }

            await call.WriteAsync(record.Value);
        }
    }

    private IEnumerable<Metadatum> Metadata(KafkaRecord first, string id)
    {
        yield return new(model.IdempotencyMetadata, Encoding.UTF8.GetBytes(id));
        foreach (var header in first.Headers)
        {
            if (CallRecords.MetadatumOf(header) is { } metadatum && metadatum.Name != model.IdempotencyMetadata)
            {
                yield return metadatum;
            }
        }
    }

    /// <summary>The deadline of whoever wrote the records; null: there is none.</summary>
    private static TimeSpan? TimeoutOf(in KafkaRecord first) =>
        first.TryGetHeader(TimeoutHeader, out var header) && CallTimeout.TryParse(Encoding.UTF8.GetString(header.Value.Span), out var timeout) ? timeout : null;

    /// <summary>Why the record cannot be made a call; null: it can.</summary>
    private string? Problem(in KafkaRecord first, string target)
    {
        if (!MethodName.IsSound(target))
        {
            return $"'{target}' is no method: package.Service/Method is";
        }

        if (first.TryGetHeader(TimeoutHeader, out _) && TimeoutOf(first) is null)
        {
            return "The metadata grpc-timeout is not a number and its unit";
        }

        foreach (var header in first.Headers)
        {
            if (CallRecords.MetadatumOf(header) is { } metadatum && !CallMetadata.IsReserved(metadatum.Name) && !CallMetadata.TryText(metadatum, out _))
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

    /// <summary>What every attempt asks for.</summary>
    private sealed record Asked(UpstreamChannel Channel, string Target, IReadOnlyList<Metadatum> Metadata, TimeSpan? Timeout);
}
