using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Zilla.Edge.Limits;

/// <summary>
/// A bucket for each client, for a bounded number of them. To make room for one more, the fullest bucket is forgotten: a full one is as good as none,
/// and who has taken most is remembered longest.
/// </summary>
/// <param name="capacity">About 100 bytes each, taken as clients come.</param>
internal sealed class BucketTable(int capacity)
{
    private const int Shards = 16;
    private const int SmallestShard = 64;

    private readonly Shard[] _shards = capacity < Shards * SmallestShard ? [new(capacity)] : [.. Enumerable.Range(0, Shards).Select(_ => new Shard(capacity / Shards))];

    public int Count => _shards.Sum(shard => shard.Count);

    /// <inheritdoc cref="Rate.TryTake"/>
    public bool TryTake(UInt128 client, in Rate rate, long now, out long wait) =>
        _shards[(uint)client.GetHashCode() % (uint)_shards.Length].TryTake(client, rate, now, out wait);

    private sealed class Shard(int capacity)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<UInt128, long> _buckets = [];

        /// <summary>By when they were full when last looked at, which is not later than when they will be: put right as they come up.</summary>
        private readonly PriorityQueue<UInt128, long> _fullest = new();

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _buckets.Count;
                }
            }
        }

        public bool TryTake(UInt128 client, in Rate rate, long now, out long wait)
        {
            lock (_gate)
            {
                ref var bucket = ref CollectionsMarshal.GetValueRefOrNullRef(_buckets, client);
                if (!Unsafe.IsNullRef(ref bucket))
                {
                    return rate.TryTake(ref bucket, now, out wait);
                }

                if (_buckets.Count >= capacity)
                {
                    ForgetFullest();
                }

                var fresh = 0L;
                var taken = rate.TryTake(ref fresh, now, out wait);
                _buckets[client] = fresh;
                _fullest.Enqueue(client, fresh);
                return taken;
            }
        }

        private void ForgetFullest()
        {
            while (_fullest.TryPeek(out var client, out var known))
            {
                var full = _buckets[client];
                if (full <= known)
                {
                    _fullest.Dequeue();
                    _buckets.Remove(client);
                    return;
                }

                _fullest.DequeueEnqueue(client, full);
            }
        }
    }
}
