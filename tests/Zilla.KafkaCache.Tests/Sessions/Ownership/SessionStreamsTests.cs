using System.Text;
using Zilla.KafkaCache.Sessions.Ownership;
using Zilla.Streams;
using Zilla.Streams.Frames;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using Zilla.Testing;

namespace Zilla.KafkaCache.Tests.Sessions.Ownership;

/// <summary>Where a stream of a session is led to, and what it is told where it cannot be.</summary>
public sealed class SessionStreamsTests : IAsyncLifetime
{
    private const string Client = "client-1";

    private readonly MemoryDirectory _directory = new(partitions: 4);
    private readonly int _number = Murmur2.Partition(Encoding.UTF8.GetBytes(Client), 4);
    private readonly Echo _echo = new();
    private readonly InProcessLanes _lanes;

    public SessionStreamsTests() => _lanes = InProcessLanes.Connect(_directory);

    [Fact]
    public async Task Accept_OwnedInThatEpoch_IsServedByThePartitionsSessions()
    {
        using var partition = Owned(7);

        await using var stream = Open(new() { Epoch = 7, Connect = new() { ClientId = Client } });

        Assert.Equal(FrameKind.Begin, (await Eventually.CompletesAsync(stream.ReadAsync().AsTask())).Kind);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    public async Task Accept_OtherEpoch_NotOwner(long epoch)
    {
        using var partition = Owned(7);

        var broken = await RefusedAsync(new() { Epoch = epoch, Connect = new() { ClientId = Client } });

        Assert.Equal(Cause.NotOwner, broken.Cause);
        Assert.Contains($"in epoch 7, asked for was {epoch}", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accept_ClaimThatTheOwnerIsAboutToHearOf_Waits()
    {
        var settling = new TaskCompletionSource();
        _directory.Settling = settling.Task;
        await using var stream = Open(new() { Epoch = 7, Connect = new() { ClientId = Client } });
        var answer = stream.ReadAsync().AsTask();

        using var partition = Owned(7);
        settling.SetResult();

        Assert.Equal(FrameKind.Begin, (await Eventually.CompletesAsync(answer)).Kind);
    }

    [Fact]
    public async Task Accept_AnothersPartition_SaysWhose()
    {
        _directory.Leave(_number, "kafka-cache-1", 9);

        var broken = await RefusedAsync(new() { Epoch = 9, Connect = new() { ClientId = Client } });

        Assert.Equal(Cause.NotOwner, broken.Cause);
        Assert.Contains("owned by kafka-cache-1 in epoch 9", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accept_Share_GoesToThePartitionOfItsGroup()
    {
        var number = Murmur2.Partition("$share/readers/a/+"u8, 4);
        using var partition = new MemoryPartition(partition: number, partitions: 4, epoch: 3);
        _directory.Own(partition, _echo);

        await using var stream = Open(new() { Epoch = 3, Share = new() { Name = "readers", Filter = "a/+" } });

        Assert.Equal(FrameKind.Begin, (await Eventually.CompletesAsync(stream.ReadAsync().AsTask())).Kind);
    }

    [Fact]
    public async Task Accept_NoClientIdOrNoCapability_ProtocolError()
    {
        Assert.Equal(Cause.ProtocolError, (await RefusedAsync(new() { Connect = new() })).Cause);
        Assert.Equal(Cause.ProtocolError, (await RefusedAsync(new())).Cause);
    }

    [Fact]
    public async Task Accept_TopicIsOfNoUse_TheReason()
    {
        _directory.Problem = new(Cause.Misconfigured, "mqtt-sessions is not compacted");

        var broken = await RefusedAsync(new() { Connect = new() { ClientId = Client } });

        Assert.Equal((Cause.Misconfigured, "mqtt-sessions is not compacted"), (broken.Cause, broken.Message));
    }

    [Fact]
    public async Task Lost_OpenStreamOfASession_NotOwner()
    {
        using var space = new OwnedSpace();
        var directory = new MemoryDirectory();
        directory.Own(space.Partition, space.Host);
        await using var lanes = InProcessLanes.Connect(directory);
        await using var stream = lanes.Open(new() { Mqtt = new() { Epoch = space.Partition.Epoch, Connect = new() { ClientId = Client, Connection = "connection" } } });
        Assert.Equal(FrameKind.Begin, (await Eventually.CompletesAsync(stream.ReadAsync().AsTask())).Kind);
        Assert.Equal(FrameKind.Data, (await Eventually.CompletesAsync(stream.ReadAsync().AsTask())).Kind);

        space.Partition.Lose();

        var broken = await Assert.ThrowsAsync<StreamBrokenException>(() => Eventually.CompletesAsync(stream.ReadAsync().AsTask()));
        Assert.Equal(Cause.NotOwner, broken.Cause);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _lanes.DisposeAsync();

    private MemoryPartition Owned(long epoch)
    {
        var partition = new MemoryPartition(partition: _number, partitions: 4, epoch: epoch);
        _directory.Own(partition, _echo);
        return partition;
    }

    private FrameStream Open(MqttBeginEx begin) => _lanes.Open(new() { Mqtt = begin });

    private async Task<StreamBrokenException> RefusedAsync(MqttBeginEx begin)
    {
        await using var stream = Open(begin);
        return await Assert.ThrowsAsync<StreamBrokenException>(() => Eventually.CompletesAsync(stream.ReadAsync().AsTask()));
    }

    /// <summary>Accepts and stays.</summary>
    private sealed class Echo : IPartitionSessions
    {
        public async Task AcceptAsync(FrameStream stream, CancellationToken cancellationToken)
        {
            stream.Accept();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task ReleaseAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
