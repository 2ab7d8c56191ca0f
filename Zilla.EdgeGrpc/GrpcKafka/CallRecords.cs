using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Zilla.Edge.Routing;
using Zilla.EdgeGrpc.Calls;
using Zilla.EdgeGrpc.Messages;
using Zilla.Streams.Kafka;

namespace Zilla.EdgeGrpc.GrpcKafka;

/// <summary>
/// The records of one call (reference §4.4): all have the same key and headers, in this order: overrides, service, method, reply-to, correlation id, then <c>meta:NAME</c> for
/// the client's metadata. A message is a value; the end of the client's messages is the null value.
/// </summary>
internal sealed class CallRecords
{
    private const string MetadataPrefix = "meta:";

    /// <summary>Headers of the records of an answer.</summary>
    public static readonly byte[] StatusHeader = "zilla:status"u8.ToArray(), MessageHeader = "zilla:message"u8.ToArray(), MessageIndexHeader = "zilla:message-index"u8.ToArray();

    private readonly byte[] _message;
    private readonly byte[] _end;

    private CallRecords(string id, bool mayBeRepeated, byte[] key, RecordHeader[] headers)
    {
        (Id, MayBeRepeated) = (id, mayBeRepeated);
        _message = Encode(key, headers, isEnd: false);
        _end = Encode(key, headers, isEnd: true);
    }

    /// <summary><c>IDEMPOTENCYKEY-MD5</c>: the same call with the same idempotency key has the same.</summary>
    public string Id { get; }

    /// <summary>The client chose the idempotency key, so the call may come a second time.</summary>
    public bool MayBeRepeated { get; }

    /// <summary>Key and headers of a record with a message.</summary>
    public ReadOnlyMemory<byte> Message => _message;

    /// <summary>Of the record that ends the client's messages.</summary>
    public ReadOnlyMemory<byte> End => _end;

    public static CallRecords Of(Call call, ProduceRoute route, PathParameters parameters, string? replyTo, Func<Guid> newGuid)
    {
        List<Metadatum> metadata = [.. call.Metadata];
        var given = metadata.Find(metadatum => metadatum.Name == route.IdempotencyMetadata).Value;
        var idempotencyKey = given.IsEmpty ? newGuid().ToString() : Encoding.UTF8.GetString(given.Span);
        List<RecordHeader> headers = [.. route.Overrides.Select(o => new RecordHeader(o.Name, o.Value.RenderUtf8(parameters, idempotencyKey)))];
        var identity = new ArrayBufferWriter<byte>();
        Identify(route.Correlation.Service, call.ServiceName);
        Identify(route.Correlation.Method, call.Method.Name);
        if (replyTo is not null)
        {
            Identify(route.Correlation.ReplyTo, replyTo);
        }

        foreach (var header in headers.Take(route.Overrides.Count))
        {
            identity.Write(header.Value.Span);
        }

        // MD5 because Zilla's is; it names, it does not protect.
        var id = $"{idempotencyKey}-{Convert.ToHexStringLower(MD5.HashData(identity.WrittenSpan))}";
        headers.Add(new(Encoding.UTF8.GetBytes(route.Correlation.CorrelationId), Encoding.UTF8.GetBytes(id)));
        headers.AddRange(metadata.Where(metadatum => metadatum.Name != route.IdempotencyMetadata).Select(HeaderOf));
        return new CallRecords(id, !given.IsEmpty, route.Key?.RenderUtf8(parameters, idempotencyKey) ?? Encoding.UTF8.GetBytes(id), [.. headers]);

        void Identify(string name, string value)
        {
            var header = new RecordHeader(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            identity.Write(header.Name.Span);
            identity.Write(header.Value.Span);
            headers.Add(header);
        }
    }

    /// <summary>The metadata that a response record has: null for headers that are none.</summary>
    public static Metadatum? MetadatumOf(in RecordHeader header)
    {
        var name = Encoding.UTF8.GetString(header.Name.Span);
        return name.StartsWith(MetadataPrefix, StringComparison.Ordinal) && MetadataValue.IsName(name.AsSpan(MetadataPrefix.Length)) ? new(name[MetadataPrefix.Length..], header.Value) : null;
    }

    public static RecordHeader HeaderOf(Metadatum metadatum) => new(Encoding.UTF8.GetBytes(MetadataPrefix + metadatum.Name), metadatum.Value);

    private static byte[] Encode(byte[] key, RecordHeader[] headers, bool isEnd)
    {
        var head = new KafkaRecordHead { Partition = -1, Offset = -1, Key = key, HasKey = true, IsTombstone = isEnd };
        return KafkaRecordCodec.Encode(head, headers);
    }
}
