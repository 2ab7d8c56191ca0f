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

    private readonly byte[] _id;
    private readonly byte[] _encoded;

    private CallRecords(byte[] id, bool mayBeRepeated, byte[] encoded) => (_id, MayBeRepeated, _encoded) = (id, mayBeRepeated, encoded);

    /// <summary><c>IDEMPOTENCYKEY-MD5</c>: the same call with the same idempotency key has the same.</summary>
    public string Id => field ??= Encoding.UTF8.GetString(_id);

    /// <summary>The client chose the idempotency key, so the call may come a second time.</summary>
    public bool MayBeRepeated { get; }

    /// <summary>Key and headers of a record with a message.</summary>
    public ReadOnlyMemory<byte> Message => _encoded.AsMemory(..^KafkaRecordCodec.Tombstone.Length);

    /// <summary>Of the record that ends the client's messages.</summary>
    public ReadOnlyMemory<byte> End => _encoded;

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
        var id = Encoding.UTF8.GetBytes($"{idempotencyKey}-{identity.Hash}");
        return new CallRecords(id, mayBeRepeated, Encode(route.Key?.RenderUtf8(parameters, idempotencyKey) ?? id, identity, new(route.CorrelationId, id), metadata));
    }

    /// <summary>The metadata that a response record has: null for headers that are none.</summary>
    public static Metadatum? MetadatumOf(in RecordHeader header)
    {
        var name = Encoding.UTF8.GetString(header.Name.Span);
        return name.StartsWith(MetadataPrefix, StringComparison.Ordinal) && MetadataValue.IsName(name.AsSpan(MetadataPrefix.Length)) ? new(name[MetadataPrefix.Length..], header.Value) : null;
    }

    public static RecordHeader HeaderOf(Metadatum metadatum) => new(Encoding.UTF8.GetBytes(MetadataPrefix + metadatum.Name), metadatum.Value);

    /// <remarks>
    /// <code>
    /// partition, offset, key │ headers of the identity │ correlation id │ metadata │ tombstone
    /// └──────────── a record with a message ────────────────────────────┘           │
    /// └──────────── the last one ───────────────────────────────────────────────────┘
    /// </code>
    /// </remarks>
    private static byte[] Encode(byte[] key, CallIdentity identity, in RecordHeader correlation, List<RecordHeader> metadata)
    {
        var head = new KafkaRecordHead { Partition = -1, Offset = -1, Key = key, HasKey = true };
        var size = KafkaRecordCodec.HeadSize(head) + identity.Headers.Length + SizeOf(correlation) + KafkaRecordCodec.Tombstone.Length;
        foreach (var header in metadata)
        {
            size += SizeOf(header);
        }

        var encoded = new byte[size];
        var position = KafkaRecordCodec.WriteHead(head, encoded);
        identity.Headers.CopyTo(encoded.AsSpan(position));
        position += identity.Headers.Length;
        position += Write(correlation, encoded.AsSpan(position));
        foreach (var header in metadata)
        {
            position += Write(header, encoded.AsSpan(position));
        }

        KafkaRecordCodec.Tombstone.CopyTo(encoded.AsSpan(position));
        return encoded;
    }

    private static int SizeOf(in RecordHeader header) => KafkaRecordCodec.HeaderSize(header.Name.Length, header.Value.Length, header.HasValue);

    private static int Write(in RecordHeader header, Span<byte> destination) => KafkaRecordCodec.WriteHeader(header.Name.Span, header.Value.Span, header.HasValue, destination);
}
