using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Retained messages of this edge's publishers on their way into Kafka, into the topic of messages and that of retained ones: who subscribes here meanwhile waits until they are in both, or
/// the live feed could have passed one that is not retained yet. Of QoS 0 nobody else waits for their acknowledgement. For any thread.
/// </summary>
internal sealed class RetainedWrites : IProduceReceiver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Generation> _underWay = [];
    private ulong _latest;

    /// <summary>One more is under way. Gives what its outcome is known by.</summary>
    public ulong Begin()
    {
        lock (_gate)
        {
            if (!_underWay.TryGetValue(_latest, out var generation))
            {
                _underWay[_latest] = generation = new();
            }

            generation.Count++;
            return _latest;
        }
    }

    public void Produced(ulong tag, in ProduceOutcome outcome) => End(tag);

    /// <summary>It is under way no more, whatever became of it.</summary>
    public void End(ulong tag)
    {
        lock (_gate)
        {
            var generation = _underWay[tag];
            if (--generation.Count == 0)
            {
                _underWay.Remove(tag);
                generation.Ended.SetResult();
            }
        }
    }

    /// <summary>Completes when all that are under way now are so no more.</summary>
    public Task SettledAsync()
    {
        lock (_gate)
        {
            if (_underWay.Count == 0)
            {
                return Task.CompletedTask;
            }

            _latest++;
            return Task.WhenAll(_underWay.Values.Select(generation => generation.Ended.Task));
        }
    }

    private sealed class Generation
    {
        public int Count { get; set; }

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
