using System.Text;
using Confluent.Kafka;
using Zilla.KafkaCache.Cache.Segments;
using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Clusters;

/// <summary>
/// Receives key and value of the record being consumed as spans over the client library's memory and copies them into buffers that are used
/// again for every record: no array a record. (Straight into a segment is not possible: a deserializer is not told the partition.) For the
/// consume thread alone.
/// </summary>
internal sealed class RecordScratch : IDeserializer<RecordScratch.Part>
{
    // Header names repeat; a hostile producer must not make this grow.
    private const int MaxNames = 1024;

    private readonly Dictionary<string, byte[]> _names = new(StringComparer.Ordinal);
    private byte[] _key = new byte[256];
    private byte[] _value = new byte[4096];
    private RecordHeader[] _headers = new RecordHeader[8];

    /// <summary>Length and nullness of what lies in the scratch.</summary>
    internal readonly record struct Part(int Length, bool IsNull);

    public Part Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        ref var buffer = ref context.Component == MessageComponentType.Key ? ref _key : ref _value;
        if (buffer.Length < data.Length)
        {
            buffer = new byte[Math.Max(data.Length, buffer.Length * 2)];
        }

        data.CopyTo(buffer);
        return new(data.Length, isNull);
    }

    public ReadOnlySpan<byte> Key(Part key) => _key.AsSpan(0, key.Length);

    public ReadOnlySpan<byte> Value(Part value) => _value.AsSpan(0, value.Length);

    public ReadOnlySpan<RecordHeader> Headers(Headers? headers)
    {
        var count = headers?.Count ?? 0;
        if (_headers.Length < count)
        {
            _headers = new RecordHeader[count];
        }

        for (var i = 0; i < count; i++)
        {
            var header = headers![i];
            var value = header.GetValueBytes();
            _headers[i] = new(Name(header.Key), value, value is not null);
        }

        return _headers.AsSpan(0, count);
    }

    /// <summary>The record that was read last, with its value as it has become; borrowed until the next is read.</summary>
    public RecordData Record(ConsumeResult<Part, Part> result, ReadOnlySpan<byte> value) => new()
    {
        Head = new()
        {
            Partition = result.Partition.Value,
            Offset = result.Offset.Value,
            Timestamp = result.Message.Timestamp.UnixTimestampMs,
            Key = Key(result.Message.Key),
            HasKey = !result.Message.Key.IsNull,
            IsTombstone = result.Message.Value.IsNull,
        },
        Value = value,
        Headers = Headers(result.Message.Headers),
    };

    private byte[] Name(string name)
    {
        if (!_names.TryGetValue(name, out var bytes))
        {
            bytes = Encoding.UTF8.GetBytes(name);
            if (_names.Count < MaxNames)
            {
                _names.Add(name, bytes);
            }
        }

        return bytes;
    }
}
