using System.Buffers;
using System.Text;
using Zilla.Edge.Cache;
using Zilla.Edge.Http;
using Zilla.Edge.Routing;
using Zilla.EdgeHttp.Server;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeHttp.HttpKafka.Correlated;

/// <summary>
/// <c>capability: produce</c> with <c>reply-to</c> (reference §4.1): the request becomes a record, and the record of the reply topic with the same
/// correlation id becomes its response. With <c>async</c>, a client may be told where to ask for it instead.
/// </summary>
/// <remarks>
/// A request with an idempotency key may be a repetition. What answers it, in this order: its response, when it is in the reply topic already;
/// its first try, when that is in the request topic or on its way there: then nothing is produced. A key that the gateway made up is new, so that
/// neither topic needs to be searched.
/// </remarks>
internal sealed class CorrelatedHandler(CorrelatedRoute route, HttpGatewayParts parts) : IKafkaHandler
{
    private CacheClient Cache => parts.Cache;

    public async Task HandleAsync(Exchange exchange, PathParameters parameters)
    {
        if (route.Produce.Topic.Render(parameters) is not { } topic || route.ReplyTo.Render(parameters) is not { } replyTo)
        {
            await NoRoute.RejectAsync(exchange);
            return;
        }

        var replies = new TopicName(route.Produce.Cluster, replyTo);
        if (HttpMethods.IsGet(exchange.Request.Method) && route.Location?.FindId(exchange.Path, parameters) is { } asked)
        {
            await AnswerLaterAsync(exchange, parameters, replies, asked);
            return;
        }

        var limit = parts.Options.MaxBodyBytes;
        if (await RequestBody.ReadAsync(exchange, limit) is not { } body)
        {
            await exchange.RejectAsync(StatusCodes.Status413PayloadTooLarge, $"The body is larger than the {limit} bytes that are accepted.");
            return;
        }

        // A copy: producing goes on when the client leaves, and the server takes its buffers back.
        var request = CorrelatedRequest.Create(exchange, route, parameters, (topic, replyTo), body.ToArray(), parts.NewGuid);
        exchange.Request.BodyReader.AdvanceTo(body.End);
        if (route.Location is not null && Preference.RespondAsync(exchange.Request))
        {
            await AcceptAsync(exchange, parameters, replies, request);
        }
        else
        {
            await AnswerAsync(exchange, replies, request);
        }
    }

    private async Task AnswerAsync(Exchange exchange, TopicName replies, CorrelatedRequest request)
    {
        var (reply, from) = request.MayBeRepeated ? await FindAsync(replies, request.Id, exchange.Aborted) : default;
        if (reply is null)
        {
            // First the ear, then the question.
            await using var subscription = await Cache.SubscribeAsync(replies, from, Correlated(request.Id), exchange.Aborted);
            await ProduceOnceAsync(request).WaitAsync(exchange.Aborted);
            var patience = Preference.Wait(exchange.Request, parts.Options.MaxWait) ?? parts.Options.ReplyTimeout;
            reply = await LongPoll.WaitAsync(exchange, subscription, patience, parts.Time) && subscription.TryRead(out var record) ? record : throw Unanswered(exchange);
        }

        await CorrelatedResponse.WriteAsync(exchange, reply.Value, route.CorrelationIdHeader);
    }

    /// <summary><c>Prefer: respond-async</c>.</summary>
    private async Task AcceptAsync(Exchange exchange, PathParameters parameters, TopicName replies, CorrelatedRequest request)
    {
        var (reply, _) = request.MayBeRepeated ? await FindAsync(replies, request.Id, exchange.Aborted) : default;
        if (reply is null)
        {
            await ProduceOnceAsync(request).WaitAsync(exchange.Aborted);
        }

        Accepted(exchange, parameters, request.Id);
    }

    /// <summary>A GET of the location.</summary>
    private async Task AnswerLaterAsync(Exchange exchange, PathParameters parameters, TopicName replies, string id)
    {
        var (reply, from) = await FindAsync(replies, id, exchange.Aborted);
        if (reply is null && Preference.Wait(exchange.Request, parts.Options.MaxWait) is { } wait)
        {
            await using var subscription = await Cache.SubscribeAsync(replies, from, Correlated(id), exchange.Aborted);
            reply = await LongPoll.WaitAsync(exchange, subscription, wait, parts.Time) && subscription.TryRead(out var record) ? record : null;
        }

        if (reply is { } found)
        {
            await CorrelatedResponse.WriteAsync(exchange, found, route.CorrelationIdHeader);
        }
        else
        {
            Accepted(exchange, parameters, id);
        }
    }

    private void Accepted(Exchange exchange, PathParameters parameters, string id)
    {
        var response = exchange.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentLength = 0;
        foreach (var (name, value) in route.Async)
        {
            response.Headers[name] = value.Render(parameters, id);
        }
    }

    /// <summary>Not given up when the client leaves: half-done, nobody could tell whether the next try is the first.</summary>
    private Task ProduceOnceAsync(CorrelatedRequest request) => request.MayBeRepeated
        ? parts.UnderWay.OnceAsync(request.Record.Topic, request.Id, async () =>
        {
            if (!await IsProducedAsync(request))
            {
                await Cache.ProduceAsync(request.Record, CancellationToken.None);
            }
        })
        : Cache.ProduceAsync(request.Record, CancellationToken.None);

    private async Task<bool> IsProducedAsync(CorrelatedRequest request)
    {
        try
        {
            return await FindAsync(request.Record.Topic, request.Id, CancellationToken.None) is { Record: not null };
        }
        catch (StreamBrokenException e) when (e.Cause is Cause.NotAuthorized or Cause.UnknownTopic)
        {
            // It may be written all the same; the reply topic alone then guards against repetition.
            return false;
        }
    }

    /// <summary>The first record with that id, if one is there now; and up to where was looked.</summary>
    private async Task<(KafkaRecord? Record, KafkaProgress? Until)> FindAsync(TopicName topic, string id, CancellationToken cancellationToken)
    {
        await using var reader = await Cache.FetchAsync(new FetchRequest(topic) { Filters = Correlated(id), Limit = 1 }, cancellationToken);
        var (found, record) = await reader.ReadAsync(cancellationToken);
        return (found ? record : null, reader.Position.ToProgress());
    }

    private IReadOnlyList<RecordFilter> Correlated(string id) => [new RecordFilter(null, [new(route.CorrelationIdHeader, Encoding.UTF8.GetBytes(id))])];

    private static StreamBrokenException Unanswered(Exchange exchange) => exchange.Closing.IsCancellationRequested
        ? new(Cause.ShuttingDown, "The gateway is shutting down; the request is in its topic.")
        : new(Cause.Timeout, "No response came in time; the request is in its topic.");
}
