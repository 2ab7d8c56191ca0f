using Zilla.Edge.Cache;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// Retained messages of QoS 0 on their way into Kafka: nobody waits for their acknowledgement but who subscribes at this edge afterwards. What is acknowledged to its publisher is
/// in Kafka, where the subscriber's read finds it. For any thread.
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
