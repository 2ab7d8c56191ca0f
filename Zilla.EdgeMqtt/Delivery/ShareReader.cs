using Zilla.EdgeMqtt.Packets;
using Zilla.EdgeMqtt.Sessions;

namespace Zilla.EdgeMqtt.Delivery;

/// <summary>Sends a client its part of a shared subscription (§4.8.2): what it does not settle goes to others.</summary>
internal sealed class ShareReader(IShare share, string topic, FilterOptions options, ClientSender sender, Func<Task> before) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(sender.Ended);
    private readonly TopicFilterTree<FilterOptions> _filter = new();
    private readonly List<FilterOptions> _found = [];
    private readonly List<Outgoing> _batch = [];
    private readonly MqttPropertiesBuilder _properties = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await share.DisposeAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await before().WaitAsync(_stop.Token);
            _filter.Add(options.Filter.Filter.Span, options);
            var matched = default(MatchedFilters);
            matched.Add(options);
            while (true)
            {
                var record = await share.ReadAsync(_stop.Token);
                if (!OutgoingMessage.TryRead(record, out var message) || !Matches(message))
                {
                    share.Settle(record.Partition, record.Offset);
                    continue;
                }

                var qos = message.QualityOfService < options.Granted ? message.QualityOfService : options.Granted;
                await SendAsync(new(topic, message, qos, matched) { Share = share });
            }
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            sender.Fail(e);
        }
    }

    /// <summary>The group hands out a little more than what matches (<see cref="MessageFilters"/>).</summary>
    private bool Matches(in OutgoingMessage message)
    {
        _found.Clear();
        _filter.Match(message.Topic.Span, _found);
        return _found.Count > 0;
    }

    private async Task SendAsync(Outgoing outgoing)
    {
        var record = outgoing.Message.Record;
        if (!sender.IsSendable(outgoing, _properties))
        {
            share.Settle(record.Partition, record.Offset);
        }
        else if (outgoing.QualityOfService == QualityOfService.AtMostOnce)
        {
            await sender.PublishAsync(outgoing, 0, _properties);
            share.Settle(record.Partition, record.Offset);
        }
        else
        {
            await sender.Window.Quota.TakeAsync(1, _stop.Token);
            _batch.Clear();
            _batch.Add(outgoing);
            await sender.SendAsync(_batch, null, [], _properties);
        }
    }
}
