using Zilla.Edge.Http;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>A record as an HTTP response: 404 for a tombstone, 204 for an empty value, else 200.</summary>
internal static class FetchResponse
{
    public static async Task WriteAsync(Exchange exchange, KafkaRecord record, string entityTag)
    {
        var response = exchange.Response;
        if (record.IsTombstone)
        {
            await exchange.RejectAsync(StatusCodes.Status404NotFound, "The record has been deleted.");
            return;
        }

        response.Headers.ETag = entityTag;
        if (record.Value.IsEmpty)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (record.TryGetHeader("content-type"u8, out var type) && HeaderText.TryGet(type.Value.Span, out var contentType) && contentType.Length > 0)
        {
            response.ContentType = contentType;
        }

        response.ContentLength = record.Value.Length;
        await response.Body.WriteAsync(record.Value, exchange.Aborted);
    }
}
