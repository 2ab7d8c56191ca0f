using Zilla.Edge.Cache;
using Zilla.Edge.Http;
using Zilla.Edge.Routing;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>
/// <c>capability: fetch</c> without merge (reference §4.1): the first matching record is the response. If-None-Match moves the start behind
/// what the client has; <c>Prefer: wait=N</c> has the request wait for a record that is not there yet, <c>zilla-progress</c> until the replica has
/// what the client has written.
/// </summary>
internal sealed class FetchHandler(string cluster, TopicTemplate topic, FilterTemplate filters, CacheClient cache, HttpEdgeOptions options, TimeProvider time) : IKafkaHandler
{
    public async Task HandleAsync(Exchange exchange, PathParameters parameters)
    {
        if (topic.Render(parameters) is not { } name)
        {
            await NoRoute.RejectAsync(exchange);
            return;
        }

        if (await ProgressHeader.ReadAsync(exchange) is not { } after)
        {
            return;
        }

        var condition = EntityTag.OfCondition(exchange.Request);
        var source = new TopicName(cluster, name);
        var request = new FetchRequest(source) { From = condition?.Progress ?? KafkaProgress.Empty, Filters = filters.Render(parameters), Limit = 1, After = after };
        var found = Preference.Wait(exchange.Request, options.MaxWait) is { } wait
            ? await WaitAsync(exchange, request, wait)
            : (await ReadAsync(exchange, request)).Found;

        if (found is { } first)
        {
            await FetchResponse.WriteAsync(exchange, first.Record, EntityTag.Format(first.Position, first.Record));
        }
        else if (condition is not null)
        {
            exchange.Response.Headers.ETag = condition.Text;
            exchange.Response.StatusCode = StatusCodes.Status304NotModified;
        }
        else
        {
            await exchange.RejectAsync(StatusCodes.Status404NotFound, "There is no such record.");
        }
    }

    private async Task<(Found? Found, KafkaProgress Position)> ReadAsync(Exchange exchange, FetchRequest request)
    {
        await using var reader = await cache.FetchAsync(request, exchange.Aborted);
        var (found, record) = await reader.ReadAsync(exchange.Aborted);
        return found ? (new(record, reader.Position), request.From) : (null, reader.Position.ToProgress());
    }

    private async Task<Found?> WaitAsync(Exchange exchange, FetchRequest request, TimeSpan wait)
    {
        var from = request.From;
        if (request.After.Partitions.Length > 0)
        {
            // A subscription may begin before the client's own write, with an older record: first what is there now.
            (var now, from) = await ReadAsync(exchange, request);
            if (now is not null)
            {
                return now;
            }
        }

        await using var subscription = await cache.SubscribeAsync(request.Topic, from, request.Filters, exchange.Aborted);
        return await LongPoll.WaitAsync(exchange, subscription, wait, time) && subscription.TryRead(out var record)
            ? new(record, subscription.Position)
            : null;
    }

    private readonly record struct Found(KafkaRecord Record, ProgressVector Position);
}
