using Zilla.Streams;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>What became of a record.</summary>
public readonly record struct ProduceOutcome
{
    public bool IsWritten => Cause == Cause.Unspecified;

    /// <summary>Where it is; -1: not known (acks none).</summary>
    public int Partition { get; init; }

    /// <summary>-1: not known (acks none).</summary>
    public long Offset { get; init; }

    /// <summary>
    /// Why it failed. With <see cref="Cause.InvalidRecord"/>, <see cref="Cause.UnknownTopic"/> and <see cref="Cause.NotAuthorized"/> it was not written; with others it may have been.
    /// </summary>
    public Cause Cause { get; init; }

    /// <summary>The reason in words; null if it did not fail.</summary>
    public string? Message { get; init; }

    /// <summary>What a read presents to see it (<see cref="FetchRequest.After"/>).</summary>
    public KafkaProgress ToProgress() => IsWritten && Partition >= 0 && Offset >= 0 ? KafkaProgress.Of(Partition, Offset + 1) : KafkaProgress.Empty;

    internal static ProduceOutcome Failed(StreamBrokenException why) => new() { Partition = -1, Offset = -1, Cause = why.Cause, Message = why.Message };
}
