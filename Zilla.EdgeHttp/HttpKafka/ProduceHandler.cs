using System.Text;
using Zilla.Config.Bindings;
using Zilla.Edge.Cache;
using Zilla.Edge.Http;
using Zilla.Edge.Routing;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.EdgeHttp.HttpKafka;

/// <summary>
/// <c>capability: produce</c>, one way (reference §4.1): the body becomes a record's value, DELETE a tombstone; 204 after Kafka's
/// acknowledgement. The record's headers are the request's content type and the route's overrides.
/// </summary>
internal sealed class ProduceHandler(ProduceHandler.Route route, CacheClient cache, HttpEdgeOptions options, Func<Guid> newGuid) : IKafkaHandler
{
    private static readonly byte[] ContentTypeName = "content-type"u8.ToArray();

    public async Task HandleAsync(Exchange exchange, PathParameters parameters)
    {
        if (route.Topic.Render(parameters) is not { } topic)
        {
            await NoRoute.RejectAsync(exchange);
            return;
        }

        var body = await RequestBody.ReadAsync(exchange, options.MaxBodyBytes);
        if (body is not { } value)
        {
            await exchange.RejectAsync(StatusCodes.Status413PayloadTooLarge, $"The body is larger than the {options.MaxBodyBytes} bytes that are accepted.");
            return;
        }

        var idempotencyKey = route.IdempotencyKey(exchange.Request) ?? newGuid().ToString();
        var written = await cache.ProduceAsync(new ProduceRequest(new TopicName(route.Cluster, topic))
        {
            Acks = route.Acks,
            Key = route.Key is { } key ? key.RenderUtf8(parameters, idempotencyKey) : default(ReadOnlyMemory<byte>?),
            Headers = Headers(exchange.Request, parameters, idempotencyKey),
            Value = HttpMethods.IsDelete(exchange.Request.Method) ? null : value,
        }, exchange.Aborted);
        exchange.Request.BodyReader.AdvanceTo(value.End);
        exchange.Response.StatusCode = StatusCodes.Status204NoContent;
        ProgressHeader.Write(exchange.Response, written);
    }

    private List<RecordHeader> Headers(HttpRequest request, PathParameters parameters, string idempotencyKey)
    {
        var headers = new List<RecordHeader>(1 + route.Overrides.Count);
        if (request.ContentType is { } type)
        {
            headers.Add(new(ContentTypeName, Encoding.UTF8.GetBytes(type)));
        }

        foreach (var (name, value) in route.Overrides)
        {
            headers.Add(new(name, value.RenderUtf8(parameters, idempotencyKey)));
        }

        return headers;
    }

    /// <summary>What a route says, compiled.</summary>
    internal sealed record Route
    {
        /// <exception cref="FormatException">An expression is unknown or names a parameter that is not bound.</exception>
        public Route(string cluster, HttpKafkaBinding binding, HttpKafkaProduce produce, IReadOnlyCollection<string> names)
        {
            Cluster = cluster;
            IdempotencyHeader = binding.IdempotencyHeader;
            Topic = TopicTemplate.Compile(produce.Topic, names);
            Key = produce.Key is { } key ? Template.Compile(key, names, idempotencyKey: true) : null;
            Acks = produce.Acks.ToProduce();
            Overrides = [.. produce.Overrides.Select(o => ((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(o.Key), Template.Compile(o.Value, names, idempotencyKey: true)))];
        }

        public string Cluster { get; }
        public string IdempotencyHeader { get; }
        public TopicTemplate Topic { get; }

        /// <summary>Null: the null key.</summary>
        public Template? Key { get; }

        public KafkaProduce.Types.Acks Acks { get; }
        public IReadOnlyList<(ReadOnlyMemory<byte> Name, Template Value)> Overrides { get; }

        /// <summary>What the client brought; null when it brought none.</summary>
        public string? IdempotencyKey(HttpRequest request) => request.Headers[IdempotencyHeader] is [{ Length: > 0 } given, ..] ? given : null;
    }
}
