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

    /// <summary>Whether nothing below <paramref name="progress"/> is missing. A partition not named is missing from its start.</summary>
    public static bool Reaches(this ProgressVector position, KafkaProgress progress)
    {
        foreach (var (partition, offset) in progress.Partitions)
        {
            if (offset > 0 && !(position[partition] >= offset))
            {
                return false;
            }
        }

        return true;
    }
}
