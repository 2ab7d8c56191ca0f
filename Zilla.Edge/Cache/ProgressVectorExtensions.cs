using Zilla.Streams.Kafka;

namespace Zilla.Edge.Cache;

internal static class ProgressVectorExtensions
{
    /// <summary>Moves the position past <paramref name="record"/>; false when it lies before the position: it has been seen.</summary>
    public static bool TryPass(this ProgressVector position, in KafkaRecord record)
    {
        if (position[record.Partition] > record.Offset)
        {
            return false;
        }

        position.Set(record.Partition, record.Offset + 1);
        return true;
    }

    /// <summary>Moves every partition that <paramref name="progress"/> is ahead in; never back.</summary>
    public static void Raise(this ProgressVector position, KafkaProgress progress)
    {
        foreach (var (partition, offset) in progress.Partitions)
        {
            if (!(position[partition] >= offset))
            {
                position.Set(partition, offset);
            }
        }
    }

    /// <summary>Takes over what <paramref name="progress"/> says, be it ahead or behind.</summary>
    public static void Move(this ProgressVector position, KafkaProgress progress)
    {
        foreach (var (partition, offset) in progress.Partitions)
        {
            position.Set(partition, offset);
        }
    }

    /// <summary>Whether the position is exactly <paramref name="progress"/> in every partition that that names; not named itself, it is at 0.</summary>
    public static bool IsAt(this ProgressVector position, KafkaProgress progress)
    {
        foreach (var (partition, offset) in progress.Partitions)
        {
            if ((position[partition] ?? 0) != offset)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether <paramref name="progress"/> is behind the position in any partition.</summary>
    public static bool IsAheadOf(this ProgressVector position, KafkaProgress progress)
    {
        foreach (var (partition, offset) in progress.Partitions)
        {
            if (position[partition] > offset)
            {
                return true;
            }
        }

        return false;
    }
}
