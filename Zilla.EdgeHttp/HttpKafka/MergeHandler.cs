using System.Buffers;
using Zilla.Edge.Cache;
using Zilla.Edge.Http;
using Zilla.Edge.Routing;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>
/// <c>capability: fetch</c> with merge (reference §4.1): all matching records as one JSON array, verbatim. The ETag names the last offset of
/// each partition, so where the topic ends is asked first and the array holds what lies below.
/// </summary>
internal sealed class MergeHandler(string cluster, TopicTemplate topic, FilterTemplate filters, CacheClient cache, HttpEdgeOptions options, TimeProvider time) : IKafkaHandler
{
    private const string Json = "application/json";
    private const int FlushBytes = 32 << 10;

    public async Task HandleAsync(Exchange exchange, PathParameters parameters)
    {
        if (topic.Render(parameters) is not { } name)
        {
            await NoRoute.RejectAsync(exchange);
            return;
        }

        var source = new TopicName(cluster, name);
        var wanted = filters.Render(parameters);
        var condition = EntityTag.OfCondition(exchange.Request);
        if (await ProgressHeader.ReadAsync(exchange) is not { } after)
        {
            return;
        }

        var end = await cache.EndOfAsync(source, after, exchange.Aborted);
        if (condition is not null && condition.Progress.Equals(Latest(end)))
        {
            if (Preference.Wait(exchange.Request, options.MaxWait) is not { } wait || !await ChangesAsync(exchange, source, end, wanted, wait))
            {
                exchange.Response.Headers.ETag = condition.Text;
                exchange.Response.ContentType = Json;
                exchange.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }

            end = await cache.EndOfAsync(source, end, exchange.Aborted);
        }

        var all = new FetchRequest(source) { Bound = KafkaFetch.Types.Bound.Progress, Until = end, Filters = wanted };
        await using var reader = await cache.FetchAsync(all, exchange.Aborted);
        exchange.Response.Headers.ETag = Latest(end).ToBase64Url();
        exchange.Response.ContentType = Json;
        await WriteAsync(exchange, reader);
    }

    /// <summary>The last existing offset of each partition; -1 where there is none.</summary>
    private static KafkaProgress Latest(KafkaProgress end)
    {
        var latest = end.Partitions.ToArray();
        foreach (ref var partition in latest.AsSpan())
        {
            partition = new(partition.Partition, partition.Offset - 1);
        }

        return KafkaProgress.Create(latest);
    }

    private async Task<bool> ChangesAsync(Exchange exchange, TopicName source, KafkaProgress end, IReadOnlyList<RecordFilter> wanted, TimeSpan wait)
    {
        await using var subscription = await cache.SubscribeAsync(source, end, wanted, exchange.Aborted);
        return await LongPoll.WaitAsync(exchange, subscription, wait, time);
    }

    private static async Task WriteAsync(Exchange exchange, RecordReader reader)
    {
        var body = exchange.Response.BodyWriter;
        await exchange.Response.StartAsync(exchange.Aborted); // before that, Kestrel's writer has no buffer to give
        body.Write("["u8);
        exchange.BytesSent = 1;
        var (first, unflushed) = (true, 0);
        var (found, record) = await reader.ReadAsync(exchange.Aborted);
        for (; found; (found, record) = await reader.ReadAsync(exchange.Aborted))
        {
            if (record.IsTombstone || record.Value.IsEmpty)
            {
                continue;
            }

            if (!first)
            {
                body.Write(","u8);
                exchange.BytesSent++;
            }

            first = false;
            body.Write(record.Value.Span);
            unflushed += record.Value.Length;
            exchange.BytesSent += record.Value.Length;
            if (unflushed >= FlushBytes)
            {
                await body.FlushAsync(exchange.Aborted);
                unflushed = 0;
            }
        }

        body.Write("]"u8);
        exchange.BytesSent++;
        await body.FlushAsync(exchange.Aborted);
    }
}
