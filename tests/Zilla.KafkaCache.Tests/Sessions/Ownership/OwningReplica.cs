using System.Collections.Concurrent;
using Zilla.Config.Plans;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>A replica that takes part in owning a sessions topic, with sessions that do nothing but to write down what is asked of them.</summary>
internal sealed class OwningReplica : IAsyncDisposable
{
    private readonly CacheReplica _replica;

    private OwningReplica(CacheReplica replica, string topic, ConcurrentDictionary<int, Sessions> opened) => (_replica, Topic, Opened) = (replica, topic, opened);

    public string Topic { get; }

    /// <summary>The sessions made last for each partition.</summary>
    public ConcurrentDictionary<int, Sessions> Opened { get; }

    public CacheReplica Replica => _replica;
    public ISessionDirectory Directory => _replica.Cluster.Sessions[Topic];
    public IReadOnlyList<int> Owned => [.. Enumerable.Range(0, Directory.Partitions).Where(partition => Directory.Find(partition) is not null)];

    public static async Task<OwningReplica> StartAsync(string servers, string topic, string instance)
    {
        var opened = new ConcurrentDictionary<int, Sessions>();
        var replica = await CacheReplica.StartAsync(
            Plan(servers, topic),
            instance: instance,
            sessions: (partition, _, _) => opened[partition.Partition] = new(partition));
        return new(replica, topic, opened);
    }

    public static ClusterPlan Plan(string servers, string topic) => new()
    {
        Name = CacheReplica.ClusterName,
        Servers = [servers],
        Sessions = [new() { Namespace = "test", Binding = topic, SessionsTopic = topic, MessagesTopic = "messages", RetainedTopic = "retained" }],
    };

    public IOwnedPartition Partition(int partition) => Directory.Find(partition)!.Partition;

    public Task OwnsAsync(int count) => Eventually.HoldsAsync(() => Owned.Count == count, TimeSpan.FromSeconds(60), $"{count} partitions owned, not {string.Join(' ', Owned)}: {Directory.Problem}\n{string.Join('\n', Replica.Log.Lines.TakeLast(40))}");

    public ValueTask DisposeAsync() => _replica.DisposeAsync();

    internal sealed class Sessions(IOwnedPartition partition) : IPartitionSessions
    {
        public IOwnedPartition Partition => partition;

        /// <summary>What to do when the partition is about to be another's.</summary>
        public Func<CancellationToken, Task> Releasing { get; set; } = _ => Task.CompletedTask;

        public async Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken)
        {
            stream.Accept();
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, partition.Lost);
            await Task.Delay(Timeout.Infinite, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new StreamBrokenException(Cause.NotOwner, "The partition is lost");
        }

        public Task ReleaseAsync(CancellationToken cancellationToken) => Releasing(cancellationToken);
    }
}
