using System.Buffers;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;
using Zilla.Streams.Kafka;
using Zilla.Streams.V1;
using ISession = Zilla.EdgeMqtt.Sessions.ISession;

namespace Zilla.EdgeMqtt.Tests.Delivery;

/// <summary>A session that keeps to mqtt.proto, in memory: what one connection leaves, <see cref="Reattach"/> gives the next.</summary>
internal sealed class FakeSession : ISession
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MqttSubscription> _subscriptions = [];
    private readonly Dictionary<string, MqttTopicProgress> _progress = [];
    private readonly List<MqttSent> _sent = [];

    public FakeSession(MqttAttached? attached = null)
    {
        Attached = attached ?? new();
        foreach (var subscription in Attached.Subscriptions)
        {
            _subscriptions[subscription.Filter] = subscription;
        }

        Apply(Attached.Delivery ?? new());
    }

    public MqttAttached Attached { get; }

    public Task<MqttError> Ended { get; } = new TaskCompletionSource<MqttError>().Task;

    /// <summary>Where a test may hold up what is to be durable.</summary>
    public Func<Task> BeforeDurable { get; set; } = () => Task.CompletedTask;

    public ConcurrentQueue<MqttDelivery> Recorded { get; } = new();

    public ConcurrentQueue<MqttDelivery> Reported { get; } = new();

    public ConcurrentQueue<MqttSubscribe> Changes { get; } = new();

    public ConcurrentDictionary<string, FakeShare> Shares { get; } = new();

    public IReadOnlyCollection<string> Progress
    {
        get
        {
            lock (_gate)
            {
                return [.. _progress.Keys];
            }
        }
    }

    public IReadOnlyList<MqttSent> Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    public KafkaProgress? ProgressOf(string topic)
    {
        lock (_gate)
        {
            return _progress.TryGetValue(topic, out var progress) && KafkaProgress.TryDecode(progress.Progress.Span, out var decoded) ? decoded : null;
        }
    }

    /// <summary>The session as the next connection finds it.</summary>
    public FakeSession Reattach()
    {
        lock (_gate)
        {
            var delivery = new MqttDelivery();
            delivery.Progress.Add(_progress.Values);
            delivery.Sent.Add(_sent);
            var attached = new MqttAttached { SessionPresent = true, Delivery = delivery };
            attached.Subscriptions.Add(_subscriptions.Values);
            return new(attached.Clone());
        }
    }

    public async Task SubscribeAsync(MqttSubscribe change, CancellationToken cancellationToken)
    {
        Changes.Enqueue(change);
        await BeforeDurable().WaitAsync(cancellationToken);
        lock (_gate)
        {
            foreach (var added in change.Added)
            {
                _subscriptions[added.Filter] = added;
            }

            foreach (var removed in change.Removed)
            {
                _subscriptions.Remove(removed);
            }

            foreach (var start in change.Start)
            {
                _progress.TryAdd(start.Topic, start);
            }

            foreach (var topic in change.Forget)
            {
                _progress.Remove(topic);
            }
        }
    }

    public async Task RecordAsync(MqttDelivery delivery, CancellationToken cancellationToken)
    {
        Recorded.Enqueue(delivery);
        await BeforeDurable().WaitAsync(cancellationToken);
        Apply(delivery);
    }

    public void Report(MqttDelivery delivery)
    {
        Reported.Enqueue(delivery);
        Apply(delivery);
    }

    /// <summary>Where a test may hold up that a group takes its client.</summary>
    public Func<Task> BeforeJoined { get; set; } = () => Task.CompletedTask;

    public async Task<IShare> ShareAsync(MqttShare share, CancellationToken cancellationToken)
    {
        await BeforeJoined();
        return Shares.GetOrAdd($"{share.Name}/{share.Filter}/{share.Topic}", _ => new FakeShare(share));
    }

    public Task PublishAsync(MqttPublish publish, ReadOnlySequence<byte> value, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReleaseAsync(ushort packetId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CloseAsync(MqttEndEx end, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Apply(MqttDelivery delivery)
    {
        lock (_gate)
        {
            foreach (var progress in delivery.Progress)
            {
                _progress[progress.Topic] = progress;
            }

            _sent.RemoveAll(s => delivery.Settled.Contains(s.PacketId));
            _sent.RemoveAll(s => delivery.Sent.Any(again => again.PacketId == s.PacketId));
            _sent.AddRange(delivery.Sent);
            _sent.Where(s => delivery.Received.Contains(s.PacketId)).ToList().ForEach(s => s.Received = true);
        }
    }
}

internal sealed class FakeShare(MqttShare asked) : IShare
{
    private readonly Channel<KafkaRecord> _records = Channel.CreateUnbounded<KafkaRecord>();

    public MqttShare Asked { get; } = asked;

    public ConcurrentQueue<(int Partition, long Offset)> Settled { get; } = new();

    public bool IsDisposed { get; private set; }

    public void Give(in KafkaRecord record) => _records.Writer.TryWrite(record);

    public ValueTask<KafkaRecord> ReadAsync(CancellationToken cancellationToken) => _records.Reader.ReadAsync(cancellationToken);

    public void Settle(int partition, long offset) => Settled.Enqueue((partition, offset));

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
