using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Zilla.Edge.Cache;
using Zilla.Edge.Http;
using Zilla.Edge.Routing;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeHttp.HttpKafka.Correlated;

/// <summary>A request as the record that asks for a response (reference §4.1).</summary>
/// <param name="Id">
/// <c>IDEMPOTENCYKEY-MD5</c>: the digest of the record's key, its headers (name and value, in their order) and its value. The same request with
/// the same idempotency key has the same id.
/// </param>
/// <param name="MayBeRepeated">The client chose the idempotency key, so it may come a second time.</param>
/// <param name="Record">What to produce; the id is its last header.</param>
internal sealed record CorrelatedRequest(string Id, bool MayBeRepeated, ProduceRequest Record)
{
    public static CorrelatedRequest Create(
        Exchange exchange, CorrelatedRoute route, PathParameters parameters, (string Topic, string ReplyTo) topics, byte[] body, Func<Guid> newGuid)
    {
        var produce = route.Produce;
        var given = produce.IdempotencyKey(exchange.Request);
        var idempotencyKey = given ?? newGuid().ToString();
        var key = produce.Key?.RenderUtf8(parameters, idempotencyKey);
        var headers = ForwardedHeaders.Of(exchange);
        headers.Add((new(route.ReplyToHeader, Encoding.UTF8.GetBytes(topics.ReplyTo)), true));
        foreach (var (name, value) in produce.Overrides)
        {
            headers.Add((new(name, value.RenderUtf8(parameters, idempotencyKey)), true));
        }

        var id = $"{idempotencyKey}-{Digest(key, headers, body)}";
        return new CorrelatedRequest(id, given is not null, new ProduceRequest(new TopicName(produce.Cluster, topics.Topic))
        {
            Acks = produce.Acks,
            Key = key is null ? default(ReadOnlyMemory<byte>?) : key,
            Headers = [.. headers.Select(h => h.Header), new(route.CorrelationIdHeader, Encoding.UTF8.GetBytes(id))],

            // Not a tombstone for DELETE, as one way: the record is a request, and compaction must not take it for the end of its key.
            Value = new ReadOnlySequence<byte>(body),
        });
    }

    /// <summary>Lower-case hex. MD5 because Zilla's is; it names, it does not protect.</summary>
    internal static string Digest(byte[]? key, List<(RecordHeader Header, bool Identifies)> headers, byte[] body)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        md5.AppendData(key ?? []);
        foreach (var (header, identifies) in headers)
        {
            if (identifies)
            {
                md5.AppendData(header.Name.Span);
                md5.AppendData(header.Value.Span);
            }
        }

        md5.AppendData(body);
        return Convert.ToHexStringLower(md5.GetHashAndReset());
    }
}
