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
        ReadOnlyMemory<byte>? given = null;
        List<RecordHeader> metadata = [];
        foreach (var metadatum in call.Metadata)
        {
            if (metadatum.Name == route.IdempotencyMetadata)
            {
                given ??= metadatum.Value;
            }
            else
            {
                metadata.Add(HeaderOf(metadatum));
            }
        }

        var mayBeRepeated = given is { IsEmpty: false };
        var idempotencyKey = mayBeRepeated ? Encoding.UTF8.GetString(given!.Value.Span) : newGuid().ToString();
        var identity = route.IdentityOf(call.Method, replyTo, parameters, idempotencyKey);
        var id = $"{idempotencyKey}-{identity.Hash}";
        var idBytes = Encoding.UTF8.GetBytes(id);
        return new CallRecords(id, mayBeRepeated, route.Key?.RenderUtf8(parameters, idempotencyKey) ?? idBytes, [.. identity.Headers, new(route.CorrelationId, idBytes), .. metadata]);
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
