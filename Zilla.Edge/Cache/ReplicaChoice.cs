using Microsoft.Extensions.Logging;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.Edge.Cache;

/// <summary>
/// Which replica a stream goes to: with an affinity (a topic) always the same one while it is connected, so that history and live agree about
/// where the topic ends; without, one after the other. Edges choose differently, by their seed, so that a busy topic loads all replicas.
/// </summary>
internal sealed class ReplicaChoice(CacheReplicas replicas, int seed, ILogger logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private int _turn = seed & 0xFFFF;

    public IReadOnlyList<ICacheReplica> Replicas => replicas.Current;

    /// <exception cref="StreamBrokenException">None can be reached (<see cref="Cause.LaneLost"/>, a refusal).</exception>
    public FrameStream Open(Begin begin, string? affinity)
    {
        foreach (var replica in Order(affinity))
        {
            try
            {
                if (replica.IsConnected)
                {
                    return replica.Open(begin);
                }
            }
            catch (StreamBrokenException e)
            {
                CacheLog.ReplicaSkipped(logger, replica.Name, e.Message);
            }
        }

        throw new StreamBrokenException(Cause.LaneLost, "No replica of the cache can be reached.", RetryAfter) { IsRefusal = true };
    }

    /// <summary>Opens a stream towards one process, wherever it is.</summary>
    /// <exception cref="StreamBrokenException">It cannot be reached (<see cref="Cause.LaneLost"/>, a refusal).</exception>
    public FrameStream OpenAt(string instance, Begin begin)
    {
        foreach (var replica in Replicas)
        {
            try
            {
                if (replica.Instance == instance)
                {
                    return replica.OpenAt(instance, begin);
                }
            }
            catch (StreamBrokenException e)
            {
                CacheLog.ReplicaSkipped(logger, replica.Name, e.Message);
            }
        }

        throw new StreamBrokenException(Cause.LaneLost, $"The replica {instance} cannot be reached.", RetryAfter) { IsRefusal = true };
    }

    private IEnumerable<ICacheReplica> Order(string? affinity)
    {
        var all = Replicas;
        if (all.Count <= 1)
        {
            return all;
        }

        if (affinity is not null)
        {
            // Rendezvous hashing: a replica that comes or goes moves only its own share of the topics.
            return all.OrderBy(replica => Mix(affinity, replica.Name));
        }

        var turn = (uint)Interlocked.Increment(ref _turn);
        return Enumerable.Range(0, all.Count).Select(i => all[(int)((turn + (uint)i) % (uint)all.Count)]);
    }

    /// <summary>FNV-1a: the same in every run, unlike string.GetHashCode.</summary>
    private uint Mix(string affinity, string replica)
    {
        var hash = 2166136261u ^ (uint)seed;
        foreach (var text in (ReadOnlySpan<string>)[affinity, replica])
        {
            foreach (var c in text)
            {
                hash = (hash ^ c) * 16777619u;
            }
        }

        hash ^= hash >> 15;
        return hash * 2246822519u;
    }
}
