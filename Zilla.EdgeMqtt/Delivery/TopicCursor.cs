using Zilla.Edge.Cache;
using Zilla.EdgeMqtt.Packets;
using Zilla.Streams;
using Zilla.Streams.Kafka;
using Subscription = Zilla.Edge.Cache.Subscription;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>
/// What a client is sent of a topic of Kafka and has to acknowledge: history from the session's progress on, then what the feed puts aside for it; back to history
/// whenever that was too much. QoS 0 does not pass here, it is live only.
/// </summary>
/// <param name="cache">Where history comes from.</param>
/// <param name="client">The subscriptions, and the place in the feed.</param>
/// <param name="sender">The client.</param>
/// <param name="start">Null: the end of the topic.</param>
/// <param name="before">What has to be sent first: what the session had under way, then retained messages.</param>
internal sealed class TopicCursor(CacheClient cache, TopicClient client, ClientSender sender, KafkaProgress? start, Func<Task> before) : IAsyncDisposable
{
    /// <summary>Messages that are made durable in one step at most, and records that are passed over before other work is looked at.</summary>
    private const int BatchMessages = 64, BatchRecords = 256;

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(sender.Ended);
    private readonly List<Outgoing> _batch = [];
    private readonly List<PartitionOffset> _passed = [];
    private readonly MqttPropertiesBuilder _properties = new();
    private HashSet<(int Partition, long Offset)>? _underWay;
    private Subscription? _subscription;
    private TopicProgress? _progress;
    private Task _running = Task.CompletedTask;
    private volatile Task _sent = Task.CompletedTask;
    private KafkaRecord? _held;
    private bool _isIdle;
    private bool _isCatchingUp;

    /// <summary>Completes when what is being sent has been: what was chosen before a subscription was in force does not know of it.</summary>
    public Task Sent => _sent;

    /// <summary>Behind what has been sent, or is being; null: it begins at the end of the topic.</summary>
    public KafkaProgress? Next => _progress is { } progress ? sender.Window.PassedOf(progress) : start;

    /// <param name="underWay">Records that the window has from before; they are not sent again.</param>
    public void Start(HashSet<(int Partition, long Offset)>? underWay)
    {
        _underWay = underWay;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Has the progress of a client that nothing is for follow the feed. For any thread.</summary>
    public void Mark() => client.Dispatcher.Mark(client);

    /// <summary>Stops. What it has not sent is fetched again by whoever comes next.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_progress is { } progress && _isIdle && _subscription is { } subscription)
        {
            // A client that nothing was for has got as far as the feed.
            client.Dispatcher.IfLive(position =>
            {
                if (subscription.IsLive)
                {
                    sender.Window.Raise(progress, position);
                }
            });
        }

        CatchUp(false);
        await (_subscription?.DisposeAsync() ?? ValueTask.CompletedTask);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await before().WaitAsync(_stop.Token);
            var delay = cache.NewRetryDelay();
            while (true)
            {
                try
                {
                    await ReadAsync(delay);
                }
                catch (StreamBrokenException)
                {
                    await (_subscription?.DisposeAsync() ?? ValueTask.CompletedTask);
                    (_subscription, _held) = (null, null);
                    await delay.WaitAsync(_stop.Token);
                }
            }
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            sender.Fail(e);
        }
    }

    private async Task ReadAsync(RetryDelay delay)
    {
        _progress ??= sender.Window.Start(client.Topic.Topic, start ?? await client.Dispatcher.PositionAsync(_stop.Token));
        var from = sender.Window.PassedOf(_progress);
        _subscription = await cache.SubscribeAsync(client.Topic, from, client.HistoryFilters, client, _stop.Token);
        foreach (var (partition, offset) in from.Partitions)
        {
            if (_subscription.Position[partition] < offset)
            {
                // The topic was made anew, and all of it is news.
                client.ForgetStarts(partition);
                _underWay?.RemoveWhere(record => record.Partition == partition);
            }
        }

        while (true)
        {
            CatchUp(_subscription.InHistory);
            _isIdle = true;
            await (_held is null ? _subscription.WaitToReadAsync(_stop.Token) : Task.CompletedTask);
            _isIdle = false;
            delay.Reset();
            await before().WaitAsync(_stop.Token);
            await SendBatchAsync(_subscription);
        }
    }

    private async Task SendBatchAsync(Subscription subscription)
    {
        _batch.Clear();
        _passed.Clear();
        var slots = await sender.Window.Quota.TakeAsync(BatchMessages, _stop.Token);
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _sent = sent.Task;
        try
        {
            Choose(subscription, slots);
            sender.Window.Quota.GiveBack(slots - _batch.Count);
            await sender.SendAsync(_batch, _progress, _passed, _properties);
        }
        finally
        {
            sent.SetResult();
        }
    }

    private void Choose(Subscription subscription, int slots)
    {
        for (var records = 0; _batch.Count < slots && records < BatchRecords && TryRead(subscription, out var record); records++)
        {
            if (_underWay?.Contains((record.Partition, record.Offset)) != true && TryTake(record, out var outgoing))
            {
                if (outgoing.Matched.IsHeld)
                {
                    // SUBSCRIBE came while this waited for the client.
                    _held = record;
                    break;
                }

                _batch.Add(outgoing with { IsLive = !subscription.InHistory });
            }

            _passed.Add(new(record.Partition, record.Offset + 1));
        }

        if (_held is null && subscription.TakeMark())
        {
            _passed.AddRange(subscription.Position.ToProgress().Partitions);
        }
    }

    private bool TryRead(Subscription subscription, out KafkaRecord record)
    {
        if (_held is not { } held)
        {
            return subscription.TryRead(out record);
        }

        (record, _held) = (held, null);
        return true;
    }

    private bool TryTake(in KafkaRecord record, out Outgoing outgoing)
    {
        outgoing = default;
        if (!OutgoingMessage.TryRead(record, out var message))
        {
            return false;
        }

        var matched = client.Match(message);
        var qos = message.QualityOfService < matched.Granted ? message.QualityOfService : matched.Granted;
        outgoing = new(client.Topic.Topic, message, qos, matched);
        return matched.Any && qos != QualityOfService.AtMostOnce && sender.IsSendable(outgoing, _properties);
    }

    private void CatchUp(bool isCatchingUp)
    {
        if (_isCatchingUp != isCatchingUp)
        {
            _isCatchingUp = isCatchingUp;
            DeliveryTelemetry.CatchingUp.Add(isCatchingUp ? 1 : -1);
        }
    }
}
