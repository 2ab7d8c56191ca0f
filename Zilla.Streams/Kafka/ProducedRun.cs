using Zilla.Streams.V1;

namespace Zilla.Streams.Kafka;

/// <summary>What became of records that follow each other on a produce stream with <c>many</c> (<c>KafkaProduced</c> of kafka.proto).</summary>
public readonly record struct ProducedRun
{
    /// <summary>So many records, at least 1.</summary>
    public int Count { get; init; }

    /// <summary>Of the first: how many records of the stream came before it.</summary>
    public long Number { get; init; }

    /// <summary>-1: not known.</summary>
    public int Partition { get; init; }

    /// <summary>Of the first; each other's is one more. -1: not known, of none of them.</summary>
    public long Offset { get; init; }

    /// <summary>Why they failed; <see cref="Cause.Unspecified"/>: they are written.</summary>
    public Cause Cause { get; init; }

    /// <summary>The reason in words; null unless they failed.</summary>
    public string? Message { get; init; }

    /// <summary>When a retry may succeed; zero = not known.</summary>
    public TimeSpan RetryAfter { get; init; }
}
