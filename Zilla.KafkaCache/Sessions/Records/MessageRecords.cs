using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams.V1;

namespace Zilla.KafkaCache.Sessions.Records;

/// <summary>Messages of clients as records of a transaction.</summary>
internal static class MessageRecords
{
    /// <summary>The record for its topic and, of a retained message, the one for the retained topic, where an empty value is a tombstone.</summary>
    public static void Add(this List<TransactionRecord> records, MqttRecord message, byte[] value)
    {
        var head = message.Record ?? new KafkaDataEx { Partition = -1 };
        var record = new TransactionRecord(message.Topic, head.HasKey ? head.Key.ToByteArray() : null, head.Tombstone ? null : value)
        {
            Partition = head.Partition >= 0 ? head.Partition : null,
            PartitionKey = head.HasPartitionKey ? head.PartitionKey.ToByteArray() : null,
            Headers = [.. head.Headers.Select(header => new KeyValuePair<string, byte[]?>(header.Name, header.HasValue ? header.Value.ToByteArray() : null))],
            Timestamp = head.Timestamp,
        };
        records.Add(record);
        if (message.RetainedTopic.Length > 0)
        {
            records.Add(record with { Topic = message.RetainedTopic, Value = value.Length == 0 ? null : value, Partition = null });
        }
    }
}
