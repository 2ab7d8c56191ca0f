using Zilla.Streams.Kafka;

namespace Zilla.KafkaCache.Work;

/// <summary>A call in a topic: the records with one correlation id, up to the first with the null value. Its records are kept until it is over, so that another edge can begin it anew.</summary>
/// <param name="number">Tells it apart on work streams.</param>
/// <param name="id">The correlation id, as <see cref="CallIds"/> has it.</param>
/// <param name="partition">Where its records are.</param>
/// <param name="first">The offset of the first.</param>
internal sealed class WorkCall(ulong number, string id, PartitionCalls partition, long first)
{
    private readonly List<KafkaRecord> _records = [];

    public ulong Number => number;

    public string Id => id;

    public PartitionCalls Partition => partition;

    public long First { get; } = first;

    /// <summary>The offset of the last that has come.</summary>
    public long Last { get; private set; }

    public IReadOnlyList<KafkaRecord> Records => _records;

    public long Bytes { get; private set; }

    /// <summary>When the last record came: a timestamp of the clock.</summary>
    public long LastAt { get; private set; }

    /// <summary>How long the next record could have come, and has not: the time since the last in which all was read that was there.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>No more records will come: the null value has, or it was given up.</summary>
    public bool IsEnded { get; set; }

    /// <summary>It is answered without its end; null: it is not.</summary>
    public WorkAnswer? GivenUp { get; set; }

    /// <summary>It has been made, and is over when what remains to be written is.</summary>
    public bool IsMade { get; set; }

    /// <summary>Who makes it; null: it waits, or has been made.</summary>
    public IWorkMember? Member { get; set; }

    /// <summary>Edges that have no route for it; null: none has said so.</summary>
    public WorkRefusals? Refusals { get; private set; }

    /// <summary>The edge has no route for it.</summary>
    public void Refuse(IWorkMember member, string reason, TimeProvider time) => (Refusals ??= new(time)).Add(member, reason);

    public void Add(in KafkaRecord record, long now)
    {
        _records.Add(record);
        (Last, LastAt, Waited) = (record.Offset, now, TimeSpan.Zero);
        Bytes += SizeOf(record);
        IsEnded |= record.IsTombstone;
    }

    /// <summary>Memory that a record takes, in bytes.</summary>
    public static long SizeOf(in KafkaRecord record) => 128 + record.Encoded.Length + record.Value.Length;
}
