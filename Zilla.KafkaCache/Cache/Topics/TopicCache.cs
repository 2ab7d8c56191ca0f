using Zilla.KafkaCache.Cache.Partitions;

namespace Zilla.KafkaCache.Cache.Topics;

/// <summary>
/// One topic as it is held: its partitions and the signal that wakes its readers. Starts without partitions; whoever feeds it adds them once
/// Kafka has told how many there are. A topic that was deleted or made anew in Kafka is <see cref="Gone"/> for good: a new instance takes its place.
/// </summary>
internal sealed class TopicCache(string name)
{
    private volatile PartitionLog[] _partitions = [];
    private volatile TopicProblem? _problem;
    private volatile bool _gone;

    public string Name { get; } = name;

    /// <summary>Pulsed after records came, and after anything below has changed.</summary>
    public AppendSignal Signal { get; } = new();

    /// <summary>By partition id. Grows, never shrinks.</summary>
    public PartitionLog[] Partitions => _partitions;

    /// <summary>Why there are no partitions yet; null when nothing is wrong.</summary>
    public TopicProblem? Problem
    {
        get => _problem;
        set
        {
            _problem = value;
            Signal.Pulse();
        }
    }

    public bool Gone => _gone;

    public bool Hydrated => _partitions is { Length: > 0 } partitions && Array.TrueForAll(partitions, partition => partition.Hydrated);

    /// <summary>The feeder's alone.</summary>
    public void Add(IEnumerable<PartitionLog> partitions)
    {
        _partitions = [.. _partitions, .. partitions];
        Problem = null;
    }

    /// <summary>Ends the topic; its readers are told.</summary>
    public void Close()
    {
        _gone = true;
        foreach (var partition in _partitions)
        {
            partition.Close();
        }

        Signal.Pulse();
    }
}
