using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

/// <summary>A record of a live feed: one object, shared by every subscriber it goes to.</summary>
public sealed class FeedRecord(in KafkaRecord record)
{
    public KafkaRecord Record { get; } = record;

    /// <summary>Key, headers and value.</summary>
    public int Bytes { get; } = record.Encoded.Length + record.Value.Length;

    /// <summary>No record, but how far the feed has come; null: a record.</summary>
    internal KafkaProgress? Mark { get; init; }
}
