using Microsoft.Extensions.Logging.Abstractions;
using Zilla.Edge.Cache;
using Zilla.Streams;
using Zilla.Streams.V1;

namespace Zilla.Edge.Tests.Cache;

public sealed class ReplicaChoiceTests
{
    private readonly Replica[] _replicas = [new("a"), new("b"), new("c")];

    [Fact]
    public void Open_Affinity_AlwaysTheSameWhileItIsConnected()
    {
        var choice = new ReplicaChoice(new CacheReplicas(_replicas), seed: 1, NullLogger.Instance);
        var first = Open(choice, "topic");
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Same(first, Open(choice, "topic")));

        first.IsConnected = false;
        var second = Open(choice, "topic");
        Assert.NotSame(first, second);

        first.IsConnected = true;
        Assert.Same(first, Open(choice, "topic"));
    }

    [Fact]
    public void Open_ManyTopics_SpreadOverAll()
    {
        var choice = new ReplicaChoice(new CacheReplicas(_replicas), seed: 1, NullLogger.Instance);

        var counts = Enumerable.Range(0, 300).CountBy(i => Open(choice, $"topic-{i}").Name).ToDictionary();

        Assert.All(_replicas, r => Assert.InRange(counts[r.Name], 50, 150));
    }

    [Fact]
    public void Open_OneTopicFromManyEdges_SpreadOverAll()
    {
        var counts = Enumerable.Range(0, 300).CountBy(seed => Open(new ReplicaChoice(new CacheReplicas(_replicas), seed, NullLogger.Instance), "topic").Name).ToDictionary();

        Assert.All(_replicas, r => Assert.InRange(counts[r.Name], 50, 150));
    }

    [Fact]
    public void Open_NoAffinity_InTurn()
    {
        var choice = new ReplicaChoice(new CacheReplicas(_replicas), seed: 1, NullLogger.Instance);

        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => Open(choice, null).Name).Distinct().Count());
    }

    [Fact]
    public void Open_LaneLostMeanwhile_TheNextOne_AndRefusedWhenNoneIsLeft()
    {
        var choice = new ReplicaChoice(new CacheReplicas(_replicas), seed: 1, NullLogger.Instance);
        Open(choice, "topic").Fails = true;
        Assert.False(Open(choice, "topic").Fails);

        foreach (var replica in _replicas)
        {
            replica.Fails = true;
        }

        var broken = Assert.Throws<StreamBrokenException>(() => choice.Open(new Begin(), "topic"));
        Assert.Equal((Cause.LaneLost, true), (broken.Cause, broken.IsRefusal));
    }

    private static Replica Open(ReplicaChoice choice, string? affinity)
    {
        choice.Open(new Begin(), affinity);
        return Replica.Last!;
    }

    private sealed class Replica(string name) : ICacheReplica
    {
        [ThreadStatic]
        public static Replica? Last;

        public string Name => name;
        public bool IsConnected { get; set; } = true;
        public bool Fails { get; set; }

        public FrameStream Open(Begin begin)
        {
            Last = this;
            return Fails ? throw new StreamBrokenException(Cause.LaneLost, "gone") : null!;
        }
    }
}
