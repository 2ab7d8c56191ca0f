namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>The value of <c>{client id}#will-{lifetime id}</c>: what is to be published.</summary>
/// <remarks>
/// <code>
/// text topic │ delay:4 s │ qos:1 │ flags:1 │ expiry:4 s, -1 = none │ text content type │ format:1 │ text response topic │ text lifetime id │ text will id
///            │ binary correlation │ list of │ text name │ text value │ │ payload length:2 │ payload
/// flags: 01 retain     format: 00 binary   01 text   02 not said
/// </code>
/// Before 1.0 the payload was a binary (length:4). Both are read, this is written. Beside the value, a header of ours says what goes to Kafka: <see cref="RecordHeader"/>.
/// </remarks>
internal sealed record WillMessageRecord
{
    /// <summary>The encoded MqttRecord of mqtt.proto, without its value: as the edge's mapping had it when the client connected. The reference's have none.</summary>
    public const string RecordHeader = "zilla:record";

    private const byte RetainFlag = 1;

    public required string Topic { get; init; }

    /// <summary>Seconds. When it is due, the signal says.</summary>
    public int Delay { get; init; }

    public byte QoS { get; init; }
    public bool Retain { get; init; }

    /// <summary>Of the message, in seconds; -1 = none.</summary>
    public int Expiry { get; init; } = -1;

    public string? ContentType { get; init; }
    public WillFormat Format { get; init; } = WillFormat.None;
    public string? ResponseTopic { get; init; }
    public string? LifetimeId { get; init; }
    public string? WillId { get; init; }
    public byte[]? Correlation { get; init; }
    public IReadOnlyList<KeyValuePair<string, string?>> Properties { get; init; } = [];

    /// <summary>At most 65,535 bytes, as MQTT has it.</summary>
    public byte[] Payload { get; init; } = [];

    public byte[] Write() => new ReferenceWriter()
        .Text(Topic).Int32(Delay).Byte(QoS).Byte(Retain ? RetainFlag : (byte)0).Int32(Expiry).Text(ContentType).Byte((byte)Format).Text(ResponseTopic)
        .Text(LifetimeId).Text(WillId).Binary(Correlation).List(Properties, static (writer, property) => writer.Text(property.Key).Text(property.Value))
        .UInt16(checked((ushort)Payload.Length)).Bytes(Payload).ToArray();

    public static WillMessageRecord? Read(ReadOnlySpan<byte> record)
    {
        var reader = new ReferenceReader(record);
        if (!reader.TryReadText(out var topic) || string.IsNullOrEmpty(topic) || !reader.TryReadInt32(out var delay) || !reader.TryReadByte(out var qos) || qos > 2
            || !reader.TryReadByte(out var flags) || !reader.TryReadInt32(out var expiry) || !reader.TryReadText(out var contentType)
            || !reader.TryReadByte(out var format) || format > (byte)WillFormat.None || !reader.TryReadText(out var responseTopic)
            || !reader.TryReadText(out var lifetimeId) || !reader.TryReadText(out var willId) || !reader.TryReadBinary(out var correlation)
            || !TryReadProperties(ref reader, out var properties) || !TryReadPayload(ref reader, out var payload))
        {
            return null;
        }

        return new()
        {
            Topic = topic,
            Delay = delay,
            QoS = qos,
            Retain = (flags & RetainFlag) != 0,
            Expiry = expiry,
            ContentType = contentType,
            Format = (WillFormat)format,
            ResponseTopic = responseTopic,
            LifetimeId = lifetimeId,
            WillId = willId,
            Correlation = correlation,
            Properties = properties,
            Payload = payload,
        };
    }

    private static bool TryReadProperties(ref ReferenceReader reader, out List<KeyValuePair<string, string?>> properties)
    {
        properties = [];
        if (!reader.TryReadList(out var count, out var items))
        {
            return false;
        }

        for (; count > 0; count--)
        {
            if (!items.TryReadText(out var name) || name is null || !items.TryReadText(out var value))
            {
                return false;
            }

            properties.Add(new(name, value));
        }

        return items.AtEnd;
    }

    /// <summary>What is left tells the two forms apart: the same bytes are never whole in both.</summary>
    private static bool TryReadPayload(ref ReferenceReader reader, out byte[] payload)
    {
        payload = [];
        var older = reader;
        if (reader.TryReadUInt16(out var length) && reader.Left == length)
        {
            _ = reader.TryReadBytes(length, out var bytes);
            payload = bytes.ToArray();
            return true;
        }

        if (!older.TryReadBinary(out var binary) || !older.AtEnd)
        {
            return false;
        }

        payload = binary ?? [];
        return true;
    }
}

/// <summary>Whether a payload is text, in the reference's numbers.</summary>
internal enum WillFormat : byte
{
    Binary = 0,
    Text = 1,

    /// <summary>The client did not say.</summary>
    None = 2,
}
