using Zilla.Edge.Cache;
using Zilla.Edge.Routing;
using Zilla.EdgeHttp.Server;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>
/// <c>capability: fetch</c> without merge (reference §4.1): the first matching record is the response. If-None-Match moves the start behind
/// what the client has; <c>Prefer: wait=N</c> has the request wait for a record that is not there yet.
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

        var condition = EntityTag.OfCondition(exchange.Request);
        var source = new TopicName(cluster, name);
        var from = condition?.Progress ?? KafkaProgress.Empty;
        var found = Preference.Wait(exchange.Request, options.MaxWait) is { } wait
            ? await WaitAsync(exchange, source, from, filters.Render(parameters), wait)
            : await ReadAsync(exchange, source, from, filters.Render(parameters));

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

    private async Task<Found?> ReadAsync(Exchange exchange, TopicName source, KafkaProgress from, IReadOnlyList<RecordFilter> wanted)
    {
        await using var reader = await cache.FetchAsync(new FetchRequest(source) { From = from, Filters = wanted, Limit = 1 }, exchange.Aborted);
        var (found, record) = await reader.ReadAsync(exchange.Aborted);
        return found ? new(record, reader.Position) : null;
    }

    private async Task<Found?> WaitAsync(Exchange exchange, TopicName source, KafkaProgress from, IReadOnlyList<RecordFilter> wanted, TimeSpan wait)
    {
        await using var subscription = await cache.SubscribeAsync(source, from, wanted, exchange.Aborted);
        return await LongPoll.WaitAsync(exchange, subscription, wait, time) && subscription.TryRead(out var record)
            ? new(record, subscription.Position)
            : null;
    }

    private readonly record struct Found(KafkaRecord Record, ProgressVector Position);
}
