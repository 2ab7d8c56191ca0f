using System.Collections.Concurrent;
using Zilla.KafkaCache.Cache.Topics;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>Who owns what, as a test says; and an acceptor that leads streams to it.</summary>
internal sealed class MemoryDirectory(string topic = "mqtt-sessions", int partitions = 1) : ISessionDirectory, IStreamAcceptor
{
    private readonly ConcurrentDictionary<int, OwnedSessions> _owned = [];
    private readonly ConcurrentDictionary<int, SessionOwner> _owners = [];

    public string Topic => topic;
    public int Partitions => partitions;
    public TopicProblem? Problem { get; set; }

    public SessionOwner? OwnerOf(int partition) => _owners.GetValueOrDefault(partition);

    public OwnedSessions? Find(int partition) => _owned.GetValueOrDefault(partition) is { Partition.Lost.IsCancellationRequested: false } owned ? owned : null;

    /// <summary>What a stream that comes too early waits for.</summary>
    public Task Settling { get; set; } = Task.CompletedTask;

    public Task SettledAsync(int partition) => Settling;

    /// <summary>This replica owns the partition, and serves its sessions so.</summary>
    public void Own(IOwnedPartition partition, IPartitionSessions sessions)
    {
        _owned[partition.Partition] = new(partition, sessions);
        _owners[partition.Partition] = new("here", partition.Epoch, partitions);
    }

    /// <summary>Another replica owns it.</summary>
    public void Leave(int partition, string instance, long epoch)
    {
        _owned.TryRemove(partition, out _);
        _owners[partition] = new(instance, epoch, partitions);
    }

    public Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken) =>
        SessionStreams.AcceptAsync(stream, stream.Opening.Mqtt, this, TimeSpan.FromSeconds(1), cancellationToken);
}
