using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Zilla.Edge.Cache;
using Zilla.Edge.Calls;
using Zilla.Edge.Routing;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Server;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>
/// <c>capability: produce</c> (reference §4.4): the messages of the client become records; with <c>reply-to</c> the records of that topic with the same correlation id become
/// the messages of the answer, without it the call ends when Kafka has acknowledged all.
/// </summary>
/// <remarks>
/// A call with an idempotency key may be a repetition: what of it is in the topic already is not produced again, and its answer is read from the beginning of what there is.
/// </remarks>
internal sealed class ProduceHandler(ProduceRoute route, CacheClient cache, RequestsUnderWay underWay, Func<Guid> newGuid) : ICallHandler
{
    /// <summary>Bytes of a message that a topic may refuse for its size: hardly any takes less.</summary>
    private const int Large = 64 * 1024;

    public async Task<Status> HandleAsync(Call call)
    {
        var parameters = PathParameters.None.With(call.Exchange.Grants);
        if (route.Topic.Render(parameters) is not { } topic || (route.ReplyTo is not null && route.ReplyTo.Render(parameters) is null))
        {
            return new(StatusCode.InvalidArgument, "The topic of the call's route cannot be a topic's name.");
        }

        var replyTo = route.ReplyTo?.Render(parameters);
        var records = CallRecords.Of(call, route, parameters, replyTo, newGuid);
        var requests = new TopicName(route.Cluster, topic);
        using var producer = new CallProducer(call, cache.Pipes, new PipeTarget(requests, route.Acks, ProduceRetry.Never));
        try
        {
            if (replyTo is not null)
            {
                return await AnswerAsync(call, producer, requests, records, new TopicName(route.Cluster, replyTo));
            }

            await ProduceAsync(call, producer, requests, records);
            if (!call.Method.IsServerStreaming)
            {
                // One way: an empty message, where there has to be one.
                await call.WriteAsync(default);
            }

            return Status.Ok;
        }
        catch (OperationCanceledException) when (producer.Failure is { } failure)
        {
            return failure.Status;
        }
    }

    private async Task<Status> AnswerAsync(Call call, CallProducer producer, TopicName requests, CallRecords records, TopicName replies)
    {
        // First the ear, then the question.
        KafkaProgress? from = records.MayBeRepeated ? KafkaProgress.Empty : null;
        await using var subscription = await cache.SubscribeAsync(replies, from, Correlated(records.Id), call.Cancelled);
        var producing = ProduceAsync(call, producer, requests, records);
        var answering = AnswerAsync(call, subscription);
        try
        {
            // The answer may be over before the client's messages are, and then nobody waits for these.
            if (await Task.WhenAny(answering, producing) == producing)
            {
                await producing;
            }

            return await answering;
        }
        finally
        {
            await call.CancelAsync();
            await Task.WhenAll(producing, answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task<bool> IsReachableAsync(CancellationToken cancellationToken) => cache.IsReachableAsync(route.Cluster, route.Topic.Render(PathParameters.None), cancellationToken);

    private static async Task<Status> AnswerAsync(Call call, Subscription replies)
    {
        var count = 0L;
        while (true)
        {
            while (replies.TryRead(out var record))
            {
                if (record.IsTombstone)
                {
                    return End(call, record);
                }

                if (IndexOf(record) < count)
                {
                    // The gateway that makes the calls has begun anew.
                    continue;
                }

                count++;
                Begin(call, record);
                await call.WriteAsync(record.Value);
            }

            if (call.Unflushed > 0)
            {
                await call.FlushAsync();
            }
            else
            {
                await replies.WaitToReadAsync(call.Cancelled);
            }
        }
    }

    private Task ProduceAsync(Call call, CallProducer producer, TopicName requests, CallRecords records) =>
        records.MayBeRepeated ? ProduceOnceAsync(call, producer, requests, records) : ProduceAsync(call, producer, records, known: 0, isEnded: false);

    private async Task ProduceOnceAsync(Call call, CallProducer producer, TopicName requests, CallRecords records)
    {
        if (await underWay.EnterAsync(requests, records.Id, call.Cancelled) is not { } turn)
        {
            return;
        }

        try
        {
            var (known, isEnded) = await FindAsync(requests, records.Id, turn.After, call.Cancelled);
            await ProduceAsync(call, producer, records, known, isEnded);
            turn.Succeed();
        }
        catch (Exception e)
        {
            // The call does not wait for what is on its way, the next try does.
            _ = FailAsync(turn, producer, e);
            throw;
        }
    }

    private static async Task FailAsync(RequestTurn turn, CallProducer producer, Exception why) => turn.Fail(await producer.SettleAsync(), why);

    private static async Task ProduceAsync(Call call, CallProducer producer, CallRecords records, long known, bool isEnded)
    {
        var mayBeRefused = false;
        for (var index = 0L; await call.ReadAsync(); index++)
        {
            mayBeRefused |= call.Message.Length >= Large;
            if (index >= known)
            {
                await producer.ProduceAsync(new(records.Message, new ReadOnlySequence<byte>(call.Message)));
            }
        }

        call.RequireMessage();
        if (!isEnded)
        {
            if (mayBeRefused)
            {
                // Else the topic could have the end of a call that lacks this message, and its answer be taken for that of the whole.
                await producer.CompleteAsync();
                producer.ThrowIfFailed();
            }

            await producer.ProduceAsync(new(records.End, ReadOnlySequence<byte>.Empty));
        }

        await producer.CompleteAsync();
        producer.ThrowIfFailed();
    }

    /// <summary>How many messages of the call are in the topic, and whether their end is.</summary>
    private async Task<(long Messages, bool IsEnded)> FindAsync(TopicName topic, string id, KafkaProgress after, CancellationToken cancellationToken)
    {
        var count = 0L;
        try
        {
            await using var reader = await cache.FetchAsync(new FetchRequest(topic) { Filters = Correlated(id), After = after }, cancellationToken);
            while (await reader.ReadAsync(cancellationToken) is { Found: true } read)
            {
                if (read.Record.IsTombstone)
                {
                    return (count, true);
                }

                count++;
            }
        }
        catch (StreamBrokenException e) when (e.Cause is Cause.NotAuthorized or Cause.UnknownTopic)
        {
            // It may be written all the same; then only this edge's memory guards against repetition.
        }

        return (count, false);
    }

    /// <summary>Null: whoever answers does not count.</summary>
    private static long? IndexOf(in KafkaRecord record) =>
        record.TryGetHeader(CallRecords.MessageIndexHeader, out var index) && Utf8Parser.TryParse(index.Value.Span, out long value, out var length) && length == index.Value.Length ? value : null;

    private static void Begin(Call call, in KafkaRecord record)
    {
        foreach (var header in record.Headers)
        {
            if (CallRecords.MetadatumOf(header) is { } metadatum)
            {
                call.Respond(metadatum);
            }
        }
    }

    private static Status End(Call call, in KafkaRecord record)
    {
        foreach (var header in record.Headers)
        {
            if (CallRecords.MetadatumOf(header) is { } metadatum)
            {
                call.Trail(metadatum);
            }
        }

        var message = record.TryGetHeader(CallRecords.MessageHeader, out var text) ? Encoding.UTF8.GetString(text.Value.Span) : "";
        return !record.TryGetHeader(CallRecords.StatusHeader, out var status) ? Status.Ok
            : byte.TryParse(status.Value.Span, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var code) ? new((StatusCode)code, message)
            : new(StatusCode.Internal, "The service's response has no valid status.");
    }

    private IReadOnlyList<RecordFilter> Correlated(string id) => [new RecordFilter(null, [new(route.CorrelationId, Encoding.UTF8.GetBytes(id))])];
}
